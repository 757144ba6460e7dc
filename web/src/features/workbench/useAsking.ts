/**
 * Asking a model about the task in hand: in the background, one question at a time; a new one takes the place of the
 * old, and nobody waits for an answer that nobody wants any more.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { type Asked, cameraInFront } from '../../canvas'
import { post } from '../../api/client'
import type { Prompted, Prompter } from '../queue/model'
import type { Bench } from './useBench'
import { useEditor, useStateFor } from './useEditor'

export type AskState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'asking'; readonly since: number; readonly about: 'picture' | 'place' }
  | { readonly kind: 'told'; readonly count: number; readonly model: string }
  | { readonly kind: 'failed'; readonly message: string }

export interface Asking {
  readonly prompters: readonly Prompter[]
  readonly prompter: Prompter | null
  choose(id: string): void
  readonly state: AskState
  /** About everything in the picture or the text. */
  askAll(): void
  cancel(): void
}

const IDLE: AskState = { kind: 'idle' }

/** While somebody still points, a moment is waited for the next place. */
const PAUSE_MS = 250
const HAS_PLACE = ({ box, points }: Asked) => box !== null || points.some(({ inside }) => inside)

/** The model that was last asked, by project. */
const chosen = new Map<string, string>()

export function useAsking({ work, project }: Bench, prompters: readonly Prompter[]): Asking {
  const { editor, claim, suggestions } = work
  const [id, setId] = useState(chosen.get(project.id) ?? null)
  const [state, setState] = useStateFor<AskState>(work, IDLE)
  const call = useRef<AbortController | null>(null)
  const asked = useEditor(editor, ({ session }) => session.asked)
  const prompter = prompters.find((each) => each.id === id) ?? prompters[0] ?? null

  const cancel = useCallback(() => {
    call.current?.abort()
    call.current = null
    setState(IDLE)
  }, [setState])

  const ask = useCallback(
    async (backend: Prompter, places: Asked) => {
      call.current?.abort()
      const controller = new AbortController()
      call.current = controller
      setState({ kind: 'asking', since: Date.now(), about: HAS_PLACE(places) ? 'place' : 'picture' })
      const { box, points } = places
      const camera = cameraInFront(editor)
      const body = {
        fence: claim.fence,
        backend: backend.id,
        class: editor.session.class,
        ...(box === null ? {} : { box: [box.left, box.top, box.right - box.left, box.bottom - box.top] }),
        ...(camera !== undefined && (box !== null || points.length > 0) ? { camera } : {}),
        points: points.map(({ at: [x, y], inside }) => ({ x, y, inside })),
      }
      try {
        const told = await post<Prompted>(`/api/slots/${claim.slot}/prompts`, body, { signal: controller.signal, retries: 0 })
        if (call.current !== controller) return
        const count = suggestions.add(told)
        setState({ kind: 'told', count, model: told.model })
        editor.say(count === 0 ? 'The model sees nothing here' : `${count} suggested`)
      } catch (error) {
        if (controller.signal.aborted || call.current !== controller) return
        setState({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
      }
    },
    [claim, editor, suggestions, setState],
  )

  useEffect(() => {
    if (prompter === null || !HAS_PLACE(asked)) return
    const timer = setTimeout(() => void ask(prompter, asked), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [ask, asked, prompter])

  // The task is gone from the screen: its question with it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the task goes
  useEffect(() => () => call.current?.abort(), [work])

  return useMemo(
    () => ({
      prompters,
      prompter,
      state,
      cancel,
      choose(to) {
        chosen.set(project.id, to)
        setId(to)
      },
      askAll() {
        if (prompter !== null) void ask(prompter, { box: null, points: [] })
      },
    }),
    [prompters, prompter, state, cancel, ask, project.id],
  )
}
