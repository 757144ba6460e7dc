import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { put } from '../../api/client'
import * as q from '../../api/queries'
import type { Answer, OwnScore } from '../../api/types'
import { Badge } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { TextArea } from '../../ui/Field'
import { ago, dateTime, number } from '../../ui/format'
import { Table } from '../../ui/Grid'
import { layout, Section } from '../../ui/Page'
import { toast } from '../../ui/toast'
import { ShareRail } from '../quality/Plots'

const text = (answer: Answer): string => answer.choices?.join(', ') || (answer.tracks !== undefined ? `${answer.tracks.length} tracks` : answer.spans !== undefined ? `${answer.spans.length} spans` : `${answer.objects?.length ?? 0} objects`)
const contested = { open: 'Contested', upheld: 'Score stands', overturned: 'You were right' } as const

/** How one did on tasks whose answer was known, told a day later; and a way to say that the score is wrong. */
export function OwnScores() {
  const scores = useQuery(q.ownScores)
  const [about, setAbout] = useState<OwnScore | null>(null)
  if (!scores.data || scores.data.items.length === 0) return null
  return (
    <Section title="Checked answers">
      <Table
        label="How often you were right"
        rows={scores.data.skills}
        rowKey={(row) => row.project}
        columns={[
          { key: 'project', title: 'Project', cell: (row) => <span dir="auto">{row.project_name}</span> },
          { key: 'scored', title: 'Checked', end: true, cell: (row) => number(row.scored) },
          { key: 'right', title: 'Right (95 %)', cell: (row) => <ShareRail share={{ right: row.right, all: row.scored, share: row.scored > 0 ? row.right / row.scored : null, low: row.low, high: row.high }} /> },
        ]}
      />
      <p className={layout.quiet}>Some tasks have a known answer. You are told which a day after you gave yours. If what is taken for known is wrong, say so: everybody’s score on it is put right.</p>
      <Table
        label="Checked answers"
        rows={scores.data.items}
        rowKey={(row) => row.answer}
        columns={[
          { key: 'name', title: 'Item', cell: (row) => <span dir="auto">{row.name}</span> },
          { key: 'given', title: 'Your answer', cell: (row) => <span dir="auto">{text(row.given)}</span> },
          { key: 'known', title: 'Known', cell: (row) => <span dir="auto">{text(row.known)}</span> },
          { key: 'at', title: 'Handed in', cell: (row) => <time dateTime={row.at} title={dateTime(row.at)}>{ago(row.at)}</time> },
          { key: 'state', title: 'Score', cell: (row) => (row.contest ? <Badge tone={row.contest === 'open' ? 'info' : 'plain'}>{contested[row.contest]}</Badge> : row.correct ? <Badge tone="good">Right</Badge> : <span className={layout.row}><Badge tone="warn">Wrong</Badge><Button size="small" onPress={() => setAbout(row)}>Contest</Button></span>) },
        ]}
      />
      {about && <ContestDialog about={about} onClose={() => setAbout(null)} />}
    </Section>
  )
}

function ContestDialog({ about, onClose }: { about: OwnScore; onClose: () => void }) {
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const send = useMutation({
    mutationFn: () => put(`/api/answers/${about.answer}/contest`, { reason }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: q.ownScores.queryKey })
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
      <p>You said <strong>{text(about.given)}</strong>; taken for known is <strong>{text(about.known)}</strong>.</p>
      <TextArea label="Why your answer is right" value={reason} onChange={setReason} rows={4} maxLength={4000} />
    </Dialog>
  )
}
