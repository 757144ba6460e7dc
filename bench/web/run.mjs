// Runs the benchmark on a Node that does not yet read TypeScript: `node bench/web/run.mjs [--json FILE]`.
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const vite = await import(require.resolve('vite'))
await vite.runnerImport(new URL('./canvas.ts', import.meta.url).pathname, { configFile: false, logLevel: 'error' })
