import { createServer } from 'node:http'
import { mkdtemp, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'

// What the parts of this benchmark share: a browser, and pages for it.

export const here = new URL('.', import.meta.url).pathname
// The tools are those of the web package; this folder has none of its own.
const require = createRequire(join(here, '../../web/package.json'))
export const { chromium } = require('playwright-core') as typeof import('playwright-core')

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'
export const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export interface TableRow {
  readonly what: string
  readonly figure: number
  readonly unit: string
  readonly bound?: { readonly at_most: number }
}

/** The pages of the benchmark, as the product's own are built. */
export async function build(page: string): Promise<string> {
  const { build } = (await import(require.resolve('vite').replace(/index\.cjs$/, 'dist/node/index.js'))) as typeof import('vite')
  const outDir = await mkdtemp(join(tmpdir(), 'canvas-bench-'))
  await build({
    root: here,
    configFile: false,
    resolve: { alias: { three: join(here, '../../web/node_modules/three') } },
    logLevel: 'error',
    build: { outDir, emptyOutDir: true, target: 'es2023', rollupOptions: { input: join(here, page) } },
  })
  return outDir
}

const TYPES: { readonly [extension: string]: string } = { '.html': 'text/html', '.js': 'text/javascript' }

/** Serves a folder, and what `more` knows of besides. */
export function serve(folder: string, page: string, more: ReadonlyMap<string, Uint8Array> = new Map()): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname
    const known = more.get(path)
    if (known !== undefined) {
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? []
      if (from === undefined || to === undefined) response.writeHead(200).end(known)
      else response.writeHead(206).end(known.subarray(Number(from), Number(to) + 1))
      return
    }
    readFile(join(folder, path)).then(
      (body) => response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(body),
      () => response.writeHead(404).end(),
    )
  })
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      resolve({ url: `http://127.0.0.1:${port}/${page}`, close: () => server.close() })
    })
  })
}
