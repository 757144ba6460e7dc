/** What the tool in the hand waits for, over the picture. Those who hear it are told by the picture itself. */
import type { Editor } from '../../canvas'
import css from './Bench.module.css'
import { useEditor } from './useEditor'

export function Prompt({ editor }: { editor: Editor }) {
  const prompt = useEditor(editor, ({ session }) => session.prompt)
  return prompt === null ? null : <p className={css.prompt} aria-hidden="true">{prompt}</p>
}
