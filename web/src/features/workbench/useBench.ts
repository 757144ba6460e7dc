import { useMemo } from 'react'
import { type Binding, type Editor, compare, importSelection, select } from '../../canvas'
import type { Project } from '../../api/types'
import { toast } from '../../ui/toast'
import { check, objectOf } from '../queue/check'
import type { ClaimsOnScreen } from '../queue/claims'
import type { Home } from '../queue/home'
import { type Answer, type Ontology, type Problem, type Question, type SkipReason, choosesOnly } from '../queue/model'
import type { LetterKind } from '../queue/place'
import type { Work } from '../queue/work'
import { nest } from './classes'
import { toggleChoice } from './ChoicePanel'
import { type FrameCommand, choiceKeys, drawingClasses, frameKey } from './keys'
import { useEditor, useStateFor, useStateOf } from './useEditor'

export interface BenchOptions {
  home: Home
  claims: ClaimsOnScreen
  work: Work
  ontology: Ontology
  project: Project
}

export interface Bench extends BenchOptions {
  readonly question: Question
  readonly editor: Editor
  /** After the first try to hand in, what is missing is shown, too. */
  readonly strict: boolean
  readonly problems: readonly Problem[]
  readonly objectProblems: ReadonlyMap<string, readonly Problem[]>
  readonly isBusy: boolean
  /** The answer, if it is whole; otherwise what is missing is shown. */
  checked(): Answer | null
  /** Checks, hands in, and shows the next task. False where something is wrong. */
  handIn(kind: Exclude<LetterKind, 'skip'>, more: Readonly<Record<string, unknown>>, what?: 'with answer'): Promise<boolean>
  skip(reason: SkipReason, text: string): Promise<void>
  giveBack(): Promise<void>
  next(): void
  copyPrevious(): void
  readonly hasPrevious: boolean
}

/** Longer than this a button says that it is at work. */
const BUSY_MS = 150

/** The last answer handed in, by project: what "copy from the previous task" copies. */
const previous = new Map<string, Answer>()

/** What all screens can do with the task in hand. */
export function useBench({ home, claims, work, ontology, project }: BenchOptions): Bench {
  const { editor, claim } = work
  const { question } = project
  const [strict, setStrict] = useStateFor(work, false)
  const [isBusy, setBusy] = useStateFor(work, false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: one for each task
  const busy = useMemo(() => ({ current: false }), [work])
  const objects = useEditor(editor, (snapshot) => snapshot.objects)
  const item = useEditor(editor, (snapshot) => snapshot.item)
  const relations = useEditor(editor, (snapshot) => snapshot.relations)
  const refusal = useStateOf(home.outbox, ({ refused }) => refused.find(({ slot }) => slot === claim.slot)?.refusal ?? null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: objects, item and relations are what the answer is made of
  const problems = useMemo(() => {
    const told = refusal?.problems ?? []
    if (!strict && told.length === 0) return []
    const found = check(work.answer(), ontology, question)
    // What the server said of a place stands until we, too, would find it right or it is handed in again.
    const fresh = told.filter(({ path }) => !found.some((each) => each.path === path))
    return [...found, ...fresh]
  }, [objects, item, relations, strict, refusal, work, ontology, question])

  const objectProblems = useMemo(() => byObject(problems, work), [problems, work])

  const once = async (act: () => Promise<void>): Promise<boolean> => {
    if (busy.current) return false
    busy.current = true
    // What takes a blink is not told: the next task is on its way to the screen.
    const timer = setTimeout(() => setBusy(true), BUSY_MS)
    try {
      await act()
      return true
    } catch (error) {
      toast(error instanceof Error ? error.message : String(error), { tone: 'bad' })
      return false
    } finally {
      clearTimeout(timer)
      busy.current = false
      setBusy(false)
    }
  }

  const checked = (): Answer | null => {
    settle(editor)
    const said = work.answer()
    const wrong = check(said, ontology, question)
    if (wrong.length === 0) return said
    setStrict(true)
    showFirst(wrong, said, editor)
    toast(wrong.length === 1 ? (wrong[0] as Problem).message : `${wrong.length} things are missing or wrong. They are marked.`, { tone: 'bad' })
    return null
  }

  return {
    home, claims, work, ontology, project, question, editor, strict, problems, objectProblems, isBusy, checked,
    handIn(kind, more, what) {
      settle(editor)
      const said = what === undefined ? undefined : checked()
      if (said === null) return Promise.resolve(false)
      return once(async () => {
        await work.handIn(kind, { ...more, ...(said === undefined ? {} : { answer: said }) })
        if (said !== undefined) previous.set(project.id, said)
        claims.advance()
      })
    },
    async skip(reason, text) {
      await once(async () => {
        await work.skip(reason, text)
        claims.advance()
      })
    },
    async giveBack() {
      await once(async () => {
        await work.discard()
        await claims.giveBack()
      })
    },
    next() {
      work.close()
      claims.advance()
    },
    copyPrevious() {
      const answer = previous.get(project.id)
      if (answer === undefined) return
      if (question.choice !== null) work.replaceWith({ ...answer, note: '' }, 'Copy from the previous task')
      else importSelection(editor, answer.objects ?? [], 0, 'Copy from the previous task', 'as said')
    },
    hasPrevious: previous.has(project.id),
  }
}

/** Fields write when they are left, and a polygon when it is closed: handing in leaves and closes. */
function settle(editor: Editor): void {
  if (document.activeElement instanceof HTMLInputElement) document.activeElement.blur()
  if (editor.getSnapshot().mode === 'drawing') editor.run('finish')
}

function byObject(problems: readonly Problem[], work: Work): Map<string, Problem[]> {
  const map = new Map<string, Problem[]>()
  if (problems.length === 0) return map
  const answer = work.answer()
  for (const problem of problems) {
    const id = objectOf(problem.path, answer)
    if (id !== null) map.set(id, [...(map.get(id) ?? []), problem])
  }
  return map
}

function showFirst(problems: readonly Problem[], answer: Answer, editor: Editor): void {
  for (const { path } of problems) {
    const id = objectOf(path, answer)
    if (id === null) continue
    editor.act(() => select(editor, [id]))
    return
  }
}

/** A word for each object that differs from an earlier answer. */
export function useMarks(editor: Editor, work: Work, from: Answer | null): ReadonlyMap<string, string> | undefined {
  const objects = useEditor(editor, (snapshot) => snapshot.objects)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the objects are what the answer is made of
  return useMemo(() => {
    if (from === null) return undefined
    const { added, changed } = compare(from as never, work.answer() as never)
    const words = { class: 'class', shape: 'moved', attributes: 'details', order: 'order', other: 'changed' }
    return new Map([
      ...added.map(({ id }) => [id, 'new'] as const),
      ...changed.map(({ id, aspects }) => [id, words[aspects[0] ?? 'other']] as const),
    ])
  }, [objects, work, from])
}

/** Where spans are marked besides, the keys of the classes mark, and choosing wants Alt. */
export function choiceCommands({ question, ontology, editor }: Bench): FrameCommand[] {
  if (question.choice === null || choosesOnly(question)) return []
  const classes = nest(ontology).map(({ each }) => each)
  const keys = choiceKeys(classes)
  return classes.flatMap(({ key, name }) => {
    const chord = keys.get(key)
    return chord === undefined ? [] : [frameKey(`choose.${key}`, `Choose ${name}`, [`Alt+${chord}`], () => toggleChoice(editor, key, question.choice === 'multi'))]
  })
}

export const NO_CLASSES: readonly Binding[] = []

/** The keys of the classes: the ontology's for drawing, and digits besides for choosing. */
export function useClasses(ontology: Ontology, isChoice: boolean): readonly Binding[] {
  return useMemo(() => {
    if (!isChoice) return drawingClasses(ontology)
    const classes = nest(ontology).map(({ each }) => each)
    const keys = choiceKeys(classes)
    return classes.map(({ key, name }) => {
      const chord = keys.get(key)
      return { id: `class.${key}`, label: name, keys: chord === undefined ? [] : [chord], when: ['select', 'ready'] }
    })
  }, [ontology, isChoice])
}
