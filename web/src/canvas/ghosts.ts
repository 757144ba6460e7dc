import type { Editor } from './editor'
import { excerpt } from './spans'

/** Lays the finger on what is suggested, so that a key takes it or turns it down (W152). */
export function pointAtGhost(editor: Editor, id: string): void {
  const ghost = editor.session.ghosts.find((each) => each.id === id)
  if (ghost === undefined) return
  editor.updateSession({ ghost: id })
  const name = editor.ontology.classes.find(({ key }) => key === ghost.class)?.name ?? ghost.class
  editor.say(`Suggested: ${name}${ghost.shape.type === 'span' ? ` “${excerpt(editor, ghost.shape)}”` : ''}`)
}
