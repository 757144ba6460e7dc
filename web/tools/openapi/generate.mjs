// Writes `src/api/schema.d.ts` from the server's own description of itself.
//
//   node tools/openapi/generate.mjs http://127.0.0.1:7780/api/openapi.json     or the path of a file
//
// It has a package of its own, because the generator needs an older TypeScript than the pages do.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import openapiTS, { astToString } from 'openapi-typescript'

const from = process.argv[2]
if (!from) throw new Error('Where is the description? Give the address or the path of openapi.json.')
const text = /^https?:/.test(from) ? await (await fetch(from)).text() : readFileSync(from, 'utf8')
const tree = await openapiTS(JSON.parse(text), { alphabetize: true })
const target = fileURLToPath(new URL('../../src/api/schema.d.ts', import.meta.url))
writeFileSync(target, `// Made by tools/openapi from the server's description. Not edited by hand.\n\n${astToString(tree)}`)
console.log(`${target}: ${Object.keys(JSON.parse(text).paths).length} addresses`)
