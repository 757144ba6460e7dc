/** What the tool in the hand waits for, over the picture; on glass, where there are no keys, with what they would say. */
import { type Editor, cancelErrand } from '../../canvas'
import { Button } from '../../ui/Button'
import css from './Bench.module.css'
import { useEditor } from './useEditor'

export function Prompt({ editor }: { editor: Editor }) {
  const prompt = useEditor(editor, ({ session }) => session.prompt)
  const isDrawing = useEditor(editor, ({ mode }) => mode === 'drawing')
  const mayLack = useEditor(editor, ({ tool }) => tool === 'keypoints')
  const busy = useEditor(editor, ({ session }) => session.busy)
  if (busy !== null) {
    return (
      <div className={css.prompt} data-busy="">
        <span role="status">{busy}…</span>
        <span className={css.promptActs}><Button size="small" onPress={() => editor.act(() => cancelErrand(editor))}>Cancel</Button></span>
      </div>
    )
  }
  if (prompt === null && !isDrawing) return null
  return (
    <div className={css.prompt}>
      {/* Those who hear the picture have been told. */}
      {prompt !== null && <span aria-hidden="true">{prompt}</span>}
      {isDrawing && (
        <span className={css.promptActs}>
          {mayLack && <Button size="small" onPress={() => editor.run('skip')}>Leave out</Button>}
          <Button size="small" onPress={() => editor.run('back')}>Back</Button>
          <Button size="small" look="primary" onPress={() => editor.run('finish')}>Finish</Button>
        </span>
      )}
    </div>
  )
}
