/** Where two answers differ: a list to go through, and on the picture how the other one has it. */
import { useEffect, useMemo, useState } from 'react'
import { type AnswerObject, type Difference, type Editor, type Ghost, boundsOfShape, differences, excerpt, kinds, select, showCameraOf, showPlace } from '../../canvas'
import { Button } from '../../ui/Button'
import { Kbd } from '../../ui/Kbd'
import type { Answer, Ontology } from '../queue/model'
import css from './Review.module.css'
import { paired } from './agreement'
import { classNamed } from './classes'
import { type FrameCommand, frameKey, keyLabel } from './keys'
import { Section } from './Side'
import { useEditor } from './useEditor'

/** The words for a difference: `to change` where it is still to be made, `made` where somebody made it, `between` two people's answers. */
const words = {
  'to change': { added: 'missing', removed: 'should not be there' },
  made: { added: 'new', removed: 'taken away' },
  between: { added: 'only the second', removed: 'only the first' },
} as const
const aspectWords = { class: 'other class', shape: 'other place', attributes: 'other details', order: 'other order', other: 'changed' } as const

export interface DifferencesOptions {
  readonly editor: Editor
  readonly ontology: Ontology
  readonly from: Answer | null
  readonly to: Answer | null
  readonly tense: keyof typeof words
  /** Which of the two the editor shows: the ghosts are of the other. `both`: only what is looked at. */
  readonly shown: 'from' | 'to' | 'both'
  /** What is made by now needs no ghost any more. */
  readonly isMade?: ((difference: Difference) => boolean) | undefined
  /** Whether two people chose the ids: then what is alike is the same. */
  readonly by?: 'id' | 'likeness'
}

export interface DifferencesInHand {
  readonly list: readonly Difference[]
  readonly at: string | null
  readonly commands: readonly FrameCommand[]
  show(difference: Difference): void
  text(difference: Difference): string
  mark(difference: Difference): string
}

export function useDifferences({ editor, ontology, from, to, tense, shown, isMade, by = 'id' }: DifferencesOptions): DifferencesInHand {
  const [at, setAt] = useState<string | null>(null)
  const list = useMemo(
    () => (from === null || to === null ? [] : differences(from as never, to as never, by === 'likeness' ? paired : undefined)),
    [from, to, by],
  )
  const left = isMade === undefined ? list : list.filter((each) => !isMade(each))
  const signature = left.map(({ id }) => id).join(' ')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the signature stands for what is left of the list
  useEffect(() => {
    editor.act(() => editor.updateSession({ others: left.flatMap((each) => ghostsOf(each, shown, each.id === at)) }))
    return () => editor.act(() => editor.updateSession({ others: [] }))
  }, [editor, list, signature, shown, at])

  const text = (difference: Difference) => said(difference, editor, ontology, from, to)
  const mark = ({ kind, aspects }: Difference) =>
    kind === 'added' || kind === 'removed' ? words[tense][kind] : kind === 'item' ? 'changed' : aspects.map((aspect) => aspectWords[aspect]).join(', ')
  const show = (difference: Difference) => {
    setAt(difference.id)
    const object = difference.after ?? difference.before
    editor.act(() => {
      if (editor.scene.get(difference.id) !== null) select(editor, [difference.id])
      else select(editor, [])
      if (object !== null) reveal(editor, object)
      editor.say(`${mark(difference)}: ${text(difference)}`)
    })
  }
  const step = (by: 1 | -1) => {
    const now = list.findIndex(({ id }) => id === at)
    const next = list[now < 0 ? (by === 1 ? 0 : list.length - 1) : (now + by + list.length) % list.length]
    if (next !== undefined) show(next)
  }
  const commands = list.length === 0 ? [] : [
    frameKey('difference.next', 'Next difference', ['Shift+BracketRight'], () => step(1)),
    frameKey('difference.previous', 'Previous difference', ['Shift+BracketLeft'], () => step(-1)),
  ]
  return { list, at, commands, show, text, mark }
}

function reveal(editor: Editor, { shape, camera }: AnswerObject): void {
  if (camera !== undefined) showCameraOf(editor, { camera })
  if (shape.type === 'span' && editor.text !== null) {
    const { start, end } = shape as unknown as { start: number; end: number }
    editor.updateSession({ range: { anchor: start, focus: end } })
    return
  }
  // A shape of a kind that this editor does not know has no place that it could show.
  if (shape.type in kinds) showPlace(editor, boundsOfShape(shape as never))
}

/** What the other answer has: all that is missing, and of what is otherwise that which is looked at, or else the picture is full. */
function ghostsOf({ id, kind, before, after, aspects }: Difference, shown: DifferencesOptions['shown'], isOpen: boolean): Ghost[] {
  const ghost = (object: AnswerObject | null, mark: Ghost['mark']): Ghost[] =>
    object === null || object.shape.type === 'span' ? [] : [{ id: `${id} ${mark}`, class: object.class, shape: object.shape as never, camera: object.camera, mark }]
  if (kind === 'removed') return shown === 'to' || isOpen ? ghost(before, 'gone') : []
  if (kind === 'added') return shown === 'from' || isOpen ? ghost(after, 'wanted') : []
  if (kind === 'item' || !(aspects.includes('shape') || shown === 'both')) return []
  if (shown === 'both') return isOpen ? [...ghost(before, 'gone'), ...ghost(after, 'wanted')] : []
  return shown === 'from' ? ghost(after, 'wanted') : isOpen ? ghost(before, 'gone') : []
}

function said({ kind, before, after, of, attributes }: Difference, editor: Editor, ontology: Ontology, from: Answer | null, to: Answer | null): string {
  const changes = attributes.map(([key, was, is]) => `${nameOf(ontology, key)}: ${valueText(ontology, key, was)} → ${valueText(ontology, key, is)}`).join(', ')
  if (kind === 'item') return of === 'choices' ? choicesText(from ?? {}, to ?? {}, ontology) : changes
  const object = after ?? before
  if (object === null) return ''
  const { name } = classNamed(ontology, object.class)
  const was = before !== null && after !== null && before.class !== after.class ? `${classNamed(ontology, before.class).name} → ` : ''
  const passage = object.shape as { type: string; start?: number; end?: number }
  const what = passage.type === 'span' ? `${name} “${excerpt(editor, { start: passage.start ?? 0, end: passage.end ?? 0 })}”` : name
  return [`${was}${what}`, object.camera === undefined ? '' : `camera ${object.camera}`, changes].filter((part) => part !== '').join(', ')
}

const nameOf = ({ attributes }: Ontology, key: string): string => attributes.find((each) => each.key === key)?.name ?? key

function valueText({ attributes }: Ontology, key: string, value: unknown): string {
  if (value === undefined || value === null || value === '') return '—'
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  const options = attributes.find((each) => each.key === key)?.options ?? []
  const one = (each: unknown) => options.find((option) => option.key === each)?.name ?? String(each)
  return Array.isArray(value) ? value.map(one).join(' + ') || '—' : one(value)
}

export const choicesText = (from: Answer, to: Answer, ontology: Ontology): string => {
  const names = ({ choices = [] }: Answer) => choices.map((key) => classNamed(ontology, key).name).join(', ') || '—'
  return `${names(from)} → ${names(to)}`
}

interface ListProps {
  differences: DifferencesInHand
  title: string
  /** Beside each: whether it is made, and making it so. */
  ticks?: { isMade: (difference: Difference) => boolean; toggle: (difference: Difference) => void; take?: (difference: Difference) => void }
}

export function DifferenceList({ differences: { list, at, show, text, mark }, title, ticks }: ListProps) {
  if (list.length === 0) return null
  const made = ticks === undefined ? 0 : list.filter(ticks.isMade).length
  return (
    <Section part="comments" title={ticks === undefined ? `${title}, ${list.length}` : `${title}, ${made} of ${list.length} made`} extra={<Kbd>{keyLabel('Shift+BracketRight')}</Kbd>}>
      <ul className={css.changes}>
        {list.map((each) => (
          <li key={each.id} data-at={each.id === at ? '' : undefined}>
            {ticks !== undefined && <input type="checkbox" aria-label={`Made: ${mark(each)}, ${text(each)}`} checked={ticks.isMade(each)} onChange={() => ticks.toggle(each)} />}
            <b>{mark(each)}</b>
            <button type="button" className={css.go} aria-current={each.id === at ? 'true' : undefined} onClick={() => show(each)}><span dir="auto">{text(each) || 'the details'}</span></button>
            {ticks?.take !== undefined && !ticks.isMade(each) && <Button size="small" look="quiet" onPress={() => ticks.take?.(each)}>Take it<span className="sr">: {text(each)}</span></Button>}
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** The answer in the editor as it is now, again with each change of it. */
export function useAnswer(editor: Editor): Answer {
  const objects = useEditor(editor, (snapshot) => snapshot.objects)
  const item = useEditor(editor, (snapshot) => snapshot.item)
  // biome-ignore lint/correctness/useExhaustiveDependencies: objects and item are what the answer is made of
  return useMemo(() => editor.toAnswer() as Answer, [editor, objects, item])
}
