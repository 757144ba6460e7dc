// Makes a brotli copy of every file of the build, so that the server never compresses what never changes.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'

const compressible = /\.(js|css|html|svg|json|webmanifest)$/

for (const name of readdirSync('dist', { recursive: true })) {
  const path = join('dist', String(name))
  if (!compressible.test(path) || !statSync(path).isFile()) continue
  const text = readFileSync(path)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length }
  writeFileSync(`${path}.br`, brotliCompressSync(text, { params }))
}
