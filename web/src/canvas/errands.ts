import type { Editor } from './editor'
import { type Done, type Job, doJob } from './kernels/jobs'

// Work beside the page: one errand at a time for each editor, and another in its place cancels it (W57).

const errands = new WeakMap<Editor, { cancel(): void }>()

/** Begins a job; `then` has its outcome, in one piece with what it does, unless it was cancelled. */
export function send<J extends Job>(editor: Editor, job: J, label: string, then: (outcome: Done<J>) => void): void {
  cancelErrand(editor)
  let isWanted = true
  const running = (editor.elsewhere ?? here)(job)
  const errand = {
    cancel() {
      isWanted = false
      running.cancel()
    },
  }
  errands.set(editor, errand)
  editor.updateSession({ busy: label })
  const end = (what: () => void) => {
    if (!isWanted) return
    errands.delete(editor)
    editor.act(() => {
      editor.updateSession({ busy: null })
      what()
    })
  }
  running.done.then(
    (outcome) => end(() => then(outcome as Done<J>)),
    () => end(() => editor.say('That did not work: try again')),
  )
}

export function cancelErrand(editor: Editor): boolean {
  const errand = errands.get(editor)
  if (errand === undefined) return false
  errands.delete(editor)
  errand.cancel()
  editor.updateSession({ busy: null })
  return true
}

/** Where nobody else does it, it is done here, as soon as the hand is free. */
const here = (job: Job) => ({ done: Promise.resolve().then(() => doJob(job)), cancel: () => {} })
