// Runs the benchmark on a Node that does not yet read TypeScript: `node bench/web/run.mjs [--json FILE]`.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'

// The peers are packages of the benchmark alone.
if (!existsSync(new URL('./node_modules/konva', import.meta.url))) {
  console.error('bench/web: fetching the peers (npm ci)')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: new URL('.', import.meta.url), stdio: 'ignore' })
}

const require = createRequire(new URL('../../web/package.json', import.meta.url))
const vite = await import(require.resolve('vite'))
await vite.runnerImport(new URL('./canvas.ts', import.meta.url).pathname, { configFile: false, logLevel: 'error' })
