import type { Editor } from './editor'
import type { Pixels } from './kernels/pixels'

const reading = new WeakSet<Editor>()

/** The pixels of the picture, or null while they are being read: the first to ask begins it. */
export function wantPixels(editor: Editor): Pixels | null {
  if (editor.pixels === null && editor.readPixels !== null && !reading.has(editor)) {
    reading.add(editor)
    editor
      .readPixels()
      .then((pixels) => {
        editor.pixels = pixels
      })
      .catch(() => editor.act(() => editor.say('The picture cannot be read')))
      .finally(() => reading.delete(editor))
  }
  return editor.pixels
}
