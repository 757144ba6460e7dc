/** The instructions beside the work: the version that the task was claimed under, and a newer one if there is one. */
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import * as q from '../../api/queries'
import { Note, SkeletonRows } from '../../ui/Bits'
import { Button, IconButton } from '../../ui/Button'
import { Markdown } from '../instructions/Markdown'
import css from './Guide.module.css'

interface GuideProps {
  project: string
  /** The version that the answer is given under. */
  version: number
  newest: number
  /** The clause to show. */
  clause: string | null
  onClose: () => void
}

export function Guide({ project, version, newest, clause, onClose }: GuideProps) {
  const [wanted, setWanted] = useState(version)
  const { data, error, refetch } = useQuery(q.instructions(project, wanted))
  const box = useRef<HTMLDivElement>(null)

  useEffect(() => setWanted(version), [version])
  useEffect(() => {
    if (clause === null || data === undefined) return
    const heading = box.current?.querySelector<HTMLElement>(`[id="${CSS.escape(clause)}"]`)
    heading?.scrollIntoView({ block: 'start', behavior: 'smooth' })
  }, [clause, data])

  return (
    <div ref={box}>
      <div className={css.head}>
        <h2>Instructions <small>version {wanted}</small></h2>
        <IconButton icon="x" size="small" label="Close the instructions" onPress={onClose} />
      </div>
      {newest > version && (
        <div className={css.versions}>
          <Note tone="warn">
            <p>{wanted === version ? `There is a newer version (${newest}). This task counts under version ${version}.` : `This task counts under version ${version}.`}</p>
            <Button size="small" onPress={() => setWanted(wanted === version ? newest : version)}>
              {wanted === version ? `Read version ${newest}` : `Back to version ${version}`}
            </Button>
          </Note>
        </div>
      )}
      {error !== null && <div className={css.versions}><Note tone="bad" title="The instructions cannot be loaded"><Button size="small" onPress={() => void refetch()}>Try again</Button></Note></div>}
      {data === undefined && error === null && <SkeletonRows rows={7} />}
      {data !== undefined && (data.markdown.trim() === '' ? <p className={css.none}>No instructions have been written yet.</p> : <div className={css.body}><Markdown text={data.markdown} /></div>)}
    </div>
  )
}
