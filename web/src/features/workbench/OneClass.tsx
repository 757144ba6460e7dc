/** One class at a time: which it is, and the way to the next. */
import { type Editor, classesOf, showOnly, stepClass } from '../../canvas'
import { Button } from '../../ui/Button'
import { Kbd } from '../../ui/Kbd'
import css from './Bench.module.css'
import { keyLabel } from './keys'
import { useEditor } from './useEditor'

export function OneClass({ editor }: { editor: Editor }) {
  const only = useEditor(editor, ({ session }) => session.only)
  if (only === null) return null
  const classes = classesOf(editor)
  const at = classes.findIndex(({ key }) => key === only)
  const isLast = at === classes.length - 1
  return (
    <div className={css.only} role="toolbar" aria-label="One class at a time">
      <span><strong dir="auto">{classes[at]?.name}</strong> alone, {at + 1} of {classes.length}</span>
      <Button size="small" onPress={() => editor.act(() => stepClass(editor, 1))}>{isLast ? 'All classes' : 'Next class'} <Kbd>{keyLabel('Alt+KeyN')}</Kbd></Button>
      {!isLast && <Button size="small" look="quiet" onPress={() => editor.act(() => showOnly(editor, null))}>Leave</Button>}
    </div>
  )
}
