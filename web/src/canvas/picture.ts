import type { Editor } from './editor'
import type { Pixels } from './kernels/pixels'

const reading = new WeakSet<Editor>()

/** The pixels of the picture, or null while they are being read: the first to ask begins it, and is told when they are there. */
export function wantPixels(editor: Editor, then?: () => unknown): Pixels | null {
  if (editor.pixels === null && editor.readPixels !== null && !reading.has(editor)) {
    reading.add(editor)
    editor
      .readPixels()
      .then((pixels) => {
        editor.pixels = pixels
        if (then !== undefined) editor.act(then)
      })
      .catch(() => editor.act(() => editor.say('The picture cannot be read')))
      .finally(() => reading.delete(editor))
  }
  return editor.pixels
}
