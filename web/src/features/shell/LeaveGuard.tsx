import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'

/** What `useBlocker` with its resolver gives. */
interface Guard { status: 'blocked' | 'idle'; proceed?: (() => void) | undefined; reset?: (() => void) | undefined }

/** Stands between unsaved work and the way out. */
export function LeaveGuard({ guard, what }: { guard: Guard; what: string }) {
  return (
    <Dialog
      title="Leave without saving?" role="alertdialog" open={guard.status === 'blocked'} onClose={() => guard.reset?.()}
      foot={
        <>
          <Button look="quiet" onPress={() => guard.proceed?.()}>Leave and lose it</Button>
          <Button look="primary" autoFocus onPress={() => guard.reset?.()}>Stay here</Button>
        </>
      }
    >
      <p>{what}</p>
    </Dialog>
  )
}
