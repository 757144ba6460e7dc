import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { del } from '../../api/client'
import * as q from '../../api/queries'
import type { Gold as GoldTask } from '../../api/types'
import { Badge, SkeletonRows, type Tone } from '../../ui/Bits'
import { Button, LinkButton } from '../../ui/Button'
import { Confirm } from '../../ui/Dialog'
import { ErrorNote, ErrorState } from '../../ui/ErrorState'
import { ago, number } from '../../ui/format'
import { Table } from '../../ui/Grid'
import { Card, layout } from '../../ui/Page'
import { toast } from '../../ui/toast'
import { said } from './said'
import { useFirst } from './useFirst'

const words: Record<GoldTask['state'], { text: string; tone: Tone }> = {
  live: { text: 'dealt', tone: 'good' },
  leaked: { text: 'recognized', tone: 'warn' },
  retired: { text: 'retired', tone: 'plain' },
}
/** The tasks whose answer is known: what each has been good for, and an end to those that should not be dealt on. */
export function Gold({ project }: { project: string }) {
  const client = useQueryClient()
  const gold = useInfiniteQuery(q.gold(project))
  const [ending, setEnding] = useState<GoldTask | null>(null)
  const retire = useMutation({
    meta: { shown: true },
    mutationFn: (task: string) => del(`/api/tasks/${task}/gold`),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ['gold', project] }), client.invalidateQueries({ queryKey: ['quality', project] })])
      toast('It is not dealt any more.', { tone: 'good' })
      setEnding(null)
    },
  })
  const close = () => {
    setEnding(null)
    retire.reset()
  }
  const rows = gold.data?.pages.flatMap((page) => page.items) ?? []
  const first = useFirst(rows, 8)
  return (
    <Card title="Gold" acts={<LinkButton size="small" to="/projects/$project/gold/$task" params={{ project, task: 'any' }}>Make gold…</LinkButton>}>
      <p className={layout.quiet}>
        Tasks whose answer is known, dealt among the others and looking like them. Make some of tasks that nobody has answered yet, or any task from its own page, by its label or by what an expert says; a file brings gold in the column <code>gold</code> of a manifest. An answer to shapes or spans is right if three quarters of what is known and what was marked match (F1 at IoU 0.5).
      </p>
      {gold.isPending && <SkeletonRows rows={3} />}
      {gold.isError && <ErrorState error={gold.error} retry={() => void gold.refetch()} />}
      {gold.isSuccess && rows.length === 0 && <p>None yet. Thirty answered ones are needed before a label tells how sure it is.</p>}
      {rows.length > 0 && (
        <Table
          label="Gold"
          rows={first.rows}
          rowKey={(row) => row.task}
          columns={[
            { key: 'known', title: 'Known answer', cell: (row) => <Link dir="auto" to="/projects/$project/tasks/$task" params={{ project, task: row.task }}>{said(row.known)}</Link> },
            { key: 'state', title: 'State', cell: (row) => <Badge tone={words[row.state].tone}>{words[row.state].text}</Badge> },
            { key: 'right', title: 'Right answers', end: true, cell: (row) => (row.scored === 0 ? '–' : `${number(row.right)} of ${number(row.scored)}`) },
            { key: 'made', title: 'Made', cell: (row) => <time dateTime={row.created_at}>{ago(row.created_at)}</time> },
            { key: 'end', title: '', end: true, cell: (row) => row.state !== 'retired' && <Button size="small" aria-label={`Retire ${said(row.known)}`} onPress={() => setEnding(row)}>Retire…</Button> },
          ]}
        />
      )}
      {first.more}
      {first.more === null && gold.hasNextPage && <div><Button size="small" busy={gold.isFetchingNextPage} onPress={() => void gold.fetchNextPage()}>Show more</Button></div>}
      <Confirm title="Deal this gold no more?" act="Retire it" open={ending !== null} onClose={close} onConfirm={() => retire.mutateAsync(ending?.task ?? '')}>
        <p>Nobody is given it any more. The scores that came of it stay.</p>
        <ErrorNote error={retire.error} />
      </Confirm>
    </Card>
  )
}
