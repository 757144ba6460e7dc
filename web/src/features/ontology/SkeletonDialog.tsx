/** The points of a class and what joins them, as text: quicker than a drawing, and it can be pasted. */
import { useId, useState } from 'react'
import { Note } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import type { Act } from './edit'
import type { ClassRow } from './model'
import css from './Ontology.module.css'
import { edgesText, pointsText, readSkeleton } from './skeleton'

export function SkeletonDialog({ row, act, onClose }: { row: ClassRow; act: (act: Act) => void; onClose: () => void }) {
  const id = useId()
  const [points, setPoints] = useState(() => pointsText(row.skeleton))
  const [edges, setEdges] = useState(() => edgesText(row.skeleton))
  const [isTried, setTried] = useState(false)
  const { skeleton, problem } = readSkeleton(points, edges, row.key === null ? null : row.skeleton)
  const save = () => {
    setTried(true)
    if (problem !== null) return
    act({ type: 'class.change', uid: row.uid, change: { skeleton } })
    onClose()
  }
  return (
    <Dialog
      title={`Skeleton of ${row.name || 'the class'}`}
      open
      onClose={onClose}
      onSubmit={save}
      foot={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button look="primary" type="submit">Keep</Button>
        </>
      }
    >
      <div className={css.skeleton}>
        <label htmlFor={`${id}-points`}>Points, a name a line, in the order in which they are put</label>
        <textarea id={`${id}-points`} dir="auto" rows={8} value={points} onChange={({ target }) => setPoints(target.value)} placeholder={'Nose\nLeft eye\nRight eye'} />
        <label htmlFor={`${id}-edges`}>Which are joined, a pair a line</label>
        <textarea id={`${id}-edges`} dir="auto" rows={6} value={edges} onChange={({ target }) => setEdges(target.value)} placeholder={'Nose – Left eye\nNose – Right eye'} />
        {isTried && problem !== null && <Note tone="bad" title="This is no skeleton yet" live><p>{problem}</p></Note>}
      </div>
    </Dialog>
  )
}
