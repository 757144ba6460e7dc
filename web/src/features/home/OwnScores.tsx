import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { put } from '../../api/client'
import * as q from '../../api/queries'
import type { OwnScore } from '../../api/types'
import { Badge } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { TextArea } from '../../ui/Field'
import { ago, dateTime, number } from '../../ui/format'
import { Table } from '../../ui/Grid'
import { layout, Section } from '../../ui/Page'
import { toast } from '../../ui/toast'
import { useSession } from '../session'
import { ShareRail } from '../quality/Plots'
import { Known } from '../quality/Known'
import { said } from '../quality/said'

export const contested = { open: 'Contested', upheld: 'Score stands', overturned: 'You were right' } as const

/** How one did on tasks whose answer was known, told a day later; and a way to say that the score is wrong. */
export function OwnScores() {
  const session = useSession()
  const scores = useQuery(q.ownScores)
  const [about, setAbout] = useState<OwnScore | null>(null)
  const [all, setAll] = useState(false)
  if (!scores.data || scores.data.items.length === 0) return null
  // What counts as wrong comes first: there is something to be said of it.
  const settled = ({ correct, contest }: OwnScore) => correct && contest === null
  const sorted = [...scores.data.items].sort((a, b) => Number(settled(a)) - Number(settled(b)))
  const shown = all ? sorted : sorted.slice(0, Math.max(12, sorted.filter((row) => !settled(row)).length))
  return (
    <Section title="Checked answers">
      <Table
        label="How often you were right"
        rows={scores.data.skills}
        rowKey={(row) => row.project}
        columns={[
          { key: 'project', title: 'Project', cell: (row) => <Link dir="auto" to="/projects/$project/people/$person" params={{ project: row.project, person: session.person.id }}>{row.project_name}</Link> },
          { key: 'scored', title: 'Checked', end: true, cell: (row) => number(row.scored) },
          { key: 'right', title: 'Right (95 %)', cell: (row) => <ShareRail share={{ right: row.right, all: row.scored, share: row.scored > 0 ? row.right / row.scored : null, low: row.low, high: row.high }} /> },
        ]}
      />
      <p className={layout.quiet}>Some tasks have a known answer. You are told which a day after you gave yours. If what is taken for known is wrong, say so: everybody’s score on it is put right.</p>
      <Table
        label="Checked answers"
        rows={shown}
        rowKey={(row) => row.answer}
        columns={[
          { key: 'name', title: 'Item', cell: (row) => <span dir="auto">{row.name}</span> },
          { key: 'given', title: 'Your answer', cell: (row) => <span dir="auto">{said(row.given)}</span> },
          { key: 'known', title: 'Known', cell: (row) => <Known answer={row.known} /> },
          { key: 'at', title: 'Handed in', cell: (row) => <time dateTime={row.at} title={dateTime(row.at)}>{ago(row.at)}</time> },
          { key: 'state', title: 'Score', cell: (row) => <State row={row} onContest={() => setAbout(row)} /> },
        ]}
      />
      {shown.length < sorted.length && <div><Button size="small" onPress={() => setAll(true)}>Show all {number(sorted.length)}</Button></div>}
      {about && <ContestDialog about={about} onClose={() => setAbout(null)} />}
    </Section>
  )
}

/** Whether an answer counts as right, what became of a word against that, and the way to say one. */
function State({ row, onContest }: { row: OwnScore; onContest: () => void }) {
  const open = !row.correct && (row.contest === null || row.contest === 'overturned')
  return (
    <span className={layout.row}>
      <Badge tone={row.correct ? 'good' : 'warn'}>{row.correct ? 'Right' : 'Wrong'}</Badge>
      {row.contest && !(open && row.contest === 'overturned') && <Badge tone={row.contest === 'open' ? 'info' : 'plain'}>{contested[row.contest]}</Badge>}
      {open && <Button size="small" aria-label={`Contest the score on ${row.name}`} onPress={onContest}>Contest</Button>}
    </span>
  )
}

/** Says something against a score of one's own. */
export function ContestDialog({ about, onClose }: { about: OwnScore; onClose: () => void }) {
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const send = useMutation({
    mutationFn: () => put(`/api/answers/${about.answer}/contest`, { reason }),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: q.ownScores.queryKey }), client.invalidateQueries({ queryKey: ['quality', about.project] })])
      toast('A manager will look at it.', { tone: 'good' })
      onClose()
    },
    onError: (error) => toast(error.message, { tone: 'bad' }),
  })
  return (
    <Dialog
      title="Contest this score" open onClose={onClose} onSubmit={() => send.mutate()}
      foot={<><Button onPress={onClose}>Cancel</Button><Button type="submit" look="primary" isDisabled={reason.trim() === ''} busy={send.isPending}>Contest</Button></>}
    >
      <p>You said <strong>{said(about.given)}</strong>; taken for known is <strong>{said(about.known)}</strong>.</p>
      <TextArea label="Why your answer is right" value={reason} onChange={setReason} rows={4} maxLength={4000} />
    </Dialog>
  )
}
