import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import * as q from '../../api/queries'
import type { OntologyVersion } from '../../api/types'
import { SkeletonRows } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { ErrorState } from '../../ui/ErrorState'
import { dateTime } from '../../ui/format'
import { Card } from '../../ui/Page'
import { toast } from '../../ui/toast'
import { open } from './model'
import { useNames } from '../session'
import css from './Ontology.module.css'
import { Preview } from './Preview'

/** Every version that was ever saved: to look at, or to begin again from. */
export function Versions({ project, latest, onTake }: { project: string; latest: number; onTake: (version: OntologyVersion) => void }) {
  const [shown, setShown] = useState<number | null>(null)
  const [all, setAll] = useState(false)
  if (latest < 1) return null
  const numbers = Array.from({ length: latest }, (_, index) => latest - index).slice(0, all ? latest : 5)
  return (
    <Card title="Versions">
      <ul className={css.versions}>
        {numbers.map((number) => (
          <li key={number}>
            <span>Version {number}{number === latest && ' (present)'}</span>
            <Button size="small" onPress={() => setShown(number)}>Look<span className="sr"> at version {number}</span></Button>
          </li>
        ))}
      </ul>
      {!all && latest > 5 && <Button size="small" look="quiet" onPress={() => setAll(true)}>All {latest}</Button>}
      {shown !== null && (
        <Version
          project={project} number={shown} latest={latest} onClose={() => setShown(null)}
          onTake={(version) => {
            onTake(version)
            setShown(null)
            toast(`Version ${version.version} is in the editor. Save to make it the next version.`)
          }}
        />
      )}
    </Card>
  )
}

function Version({ project, number, latest, onClose, onTake }: { project: string; number: number; latest: number; onClose: () => void; onTake: (version: OntologyVersion) => void }) {
  const version = useQuery(q.ontology(project, number))
  const nameOf = useNames()
  return (
    <Dialog
      title={`Version ${number}`} open onClose={onClose}
      foot={<>{number !== latest && version.data && <Button onPress={() => onTake(version.data)}>Begin again from this</Button>}<Button look="primary" onPress={onClose}>Close</Button></>}
    >
      {version.isPending ? <SkeletonRows rows={3} />
        : version.isError ? <ErrorState error={version.error} />
        : (
          <>
            <p>Saved {dateTime(version.data.created_at)}{nameOf(version.data.created_by) && ` by ${nameOf(version.data.created_by)}`}.</p>
            <Preview doc={open(version.data.ontology)} />
          </>
        )}
    </Dialog>
  )
}
