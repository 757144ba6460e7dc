import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/**
 * The widget library brings its few words in thirty languages, for every visitor. The interface speaks English so far:
 * each of its languages is the English one. To be taken out when the interface is translated.
 */
const englishWidgets = (): Plugin => ({
  name: 'english-widgets',
  enforce: 'pre',
  load(id) {
    const found = /^(.*node_modules\/react-(?:aria|stately|aria-components)\/.*\/intl\/(?:.*\/)?)([a-z]{2}-[A-Z]{2})\.mjs$/.exec(id)
    return found && found[2] !== 'en-US' ? `export {default} from './en-US.mjs'` : null
  },
})

export default defineConfig({
  plugins: [englishWidgets(), react()],
  build: { target: 'es2023', cssTarget: ['chrome123', 'firefox121', 'safari17.5'], sourcemap: false, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': 'http://127.0.0.1:7780' } },
})
