import type { Editor } from './editor'
import { select } from './selection'

// One class at a time (W140): what is of other classes is out of sight and out of reach, and the mode goes from class
// to class as the work does.

export const classesOf = ({ ontology }: Editor): readonly { readonly key: string; readonly name: string }[] => ontology.classes.filter(({ retired }) => retired !== true)

/** Shows one class alone, or again all of them. What was hidden by hand before is shown with it. */
export function showOnly(editor: Editor, key: string | null): boolean {
  const classes = classesOf(editor)
  const at = classes.findIndex((each) => each.key === key)
  if (key === null || at < 0) {
    if (editor.session.only === null) return false
    editor.updateSession({ only: null, hidden: new Set() })
    editor.say('All classes')
    return true
  }
  const others = editor.scene.objects.filter((object) => object.class !== key).map(({ id }) => id)
  select(editor, [])
  editor.updateSession({ only: key, class: key, hidden: new Set(others) })
  const there = editor.scene.objects.length - others.length
  editor.say(`Only ${classes[at]?.name}, ${at + 1} of ${classes.length}; ${there === 0 ? 'none yet' : `${there} there`}`)
  return true
}

/** To the next class, or, from the last (or the first, backwards), to all of them again. */
export function stepClass(editor: Editor, step: 1 | -1): boolean {
  const classes = classesOf(editor)
  const at = classes.findIndex(({ key }) => key === editor.session.only)
  const next = at < 0 ? (step === 1 ? 0 : classes.length - 1) : at + step
  return showOnly(editor, classes[next]?.key ?? null)
}
