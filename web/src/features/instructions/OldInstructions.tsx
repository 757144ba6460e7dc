import { useQuery } from '@tanstack/react-query'
import * as q from '../../api/queries'
import { SkeletonRows } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { ErrorState } from '../../ui/ErrorState'
import { dateTime } from '../../ui/format'
import { useNames } from '../session'
import { Markdown } from './Markdown'

/** An earlier version, to read or to begin again from. */
export function OldInstructions({ project, version, onClose, onTake }: { project: string; version: number; onClose: () => void; onTake: (markdown: string) => void }) {
  const nameOf = useNames()
  const old = useQuery(q.instructions(project, version))
  return (
    <Dialog
      title={`Version ${version}`} wide open onClose={onClose}
      foot={<>{old.data && <Button onPress={() => onTake(old.data.markdown)}>Begin again from this</Button>}<Button look="primary" onPress={onClose}>Close</Button></>}
    >
      {old.isPending ? <SkeletonRows />
        : old.isError ? <ErrorState error={old.error} />
        : (
          <>
            {old.data.created_at && <p>Saved {dateTime(old.data.created_at)}{nameOf(old.data.created_by) && ` by ${nameOf(old.data.created_by)}`}.</p>}
            <Markdown text={old.data.markdown} />
          </>
        )}
    </Dialog>
  )
}
