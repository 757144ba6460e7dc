import type { Editor } from './editor'
import type { Pixels } from './kernels/pixels'

/** Who waits for the pixels of a picture that is being read. */
const waiting = new WeakMap<Editor, (() => unknown)[]>()

/** The pixels of the picture, or null while they are being read: the first to ask begins it, and who asks is told when they are there. */
export function wantPixels(editor: Editor, then?: () => unknown): Pixels | null {
  if (editor.pixels !== null || editor.readPixels === null) return editor.pixels
  const others = waiting.get(editor)
  if (others !== undefined) {
    if (then !== undefined) others.push(then)
    return null
  }
  const all = then === undefined ? [] : [then]
  waiting.set(editor, all)
  const { pane } = editor.session
  editor
    .readPixels()
    .then((pixels) => {
      // Another camera has come to the front meanwhile: nobody waits for these any more.
      if (pane !== editor.session.pane) return
      editor.pixels = pixels
      editor.act(() => {
        for (const tell of all) tell()
      })
    })
    .catch(() => editor.act(() => editor.say('The picture cannot be read')))
    .finally(() => waiting.delete(editor))
  return null
}
