import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import * as q from '../../api/queries'
import type { Work, WorkState } from '../../api/types'
import { Badge, EmptyState, SkeletonRows, type Tone } from '../../ui/Bits'
import { Button, LinkButton } from '../../ui/Button'
import { ErrorState } from '../../ui/ErrorState'
import { ago, dateTime, number } from '../../ui/format'
import { Table } from '../../ui/Grid'
import { layout, Page, Section } from '../../ui/Page'
import { Conversation, InboxSection } from '../comments/Inbox'
import { OwnScores } from './OwnScores'
import { Today } from './Today'

const states: Record<WorkState, { tone: Tone; text: string }> = {
  received: { tone: 'plain', text: 'Received' },
  waiting: { tone: 'plain', text: 'Waiting' },
  accepted: { tone: 'good', text: 'Accepted' },
  fixed: { tone: 'info', text: 'Fixed by a reviewer' },
  rejected: { tone: 'warn', text: 'To rework' },
  resolved: { tone: 'good', text: 'Resolved' },
}

/** Own answers, what became of them, and what they earned: the same figures that are paid. */
export function OwnWorkPage() {
  const work = useQuery(q.work)
  const [open, setOpen] = useState<Work['recent'][number] | null>(null)
  return (
    <Page title="My work" lede="Your answers, what became of them, and what they earned.">
      {work.isPending ? <SkeletonRows />
        : work.isError ? <ErrorState error={work.error} retry={() => void work.refetch()} />
        : work.data.answers_total === 0 ? (
          <EmptyState icon="wallet" title="No answers yet" acts={<LinkButton to="/" look="primary">See what waits</LinkButton>}>Your first answer will be here a moment after you hand it in.</EmptyState>
        ) : (
          <>
            <InboxSection />
            <Today />
            <Section title="Recent answers">
              <Table
                label="Recent answers"
                rows={work.data.recent}
                rowKey={(row) => row.task + row.submitted_at}
                columns={[
                  { key: 'name', title: 'Item', cell: (row) => <span dir="auto">{row.name}</span> },
                  { key: 'project', title: 'Project', cell: (row) => <span dir="auto">{row.project_name}</span> },
                  { key: 'at', title: 'Handed in', cell: (row) => <time dateTime={row.submitted_at} title={dateTime(row.submitted_at)}>{ago(row.submitted_at)}</time> },
                  { key: 'state', title: 'State', cell: (row) => <Badge tone={states[row.state].tone}>{states[row.state].text}</Badge> },
                  { key: 'comments', title: 'Comments', cell: (row) => <Button size="small" look="quiet" onPress={() => setOpen(row)}>{row.comments === 0 ? 'None' : number(row.comments)}<span className="sr"> comments on {row.name}</span></Button> },
                ]}
              />
              {work.data.recent.some((row) => row.state === 'rejected') && <p className={layout.quiet}>An answer to rework comes first the next time you start in its project, with the reviewer’s reason beside it.</p>}
              {work.data.recent.some((row) => row.state === 'accepted') && <p className={layout.quiet}>An accepted answer is sealed: nobody changes it. Only a manager can open its task again, and then it is answered anew.</p>}
            </Section>
            <OwnScores />
            {open !== null && <Conversation answer={open.answer} name={open.name} side="contributor" onClose={() => setOpen(null)} />}
          </>
        )}
    </Page>
  )
}
