import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { post } from '../../api/client'
import * as q from '../../api/queries'
import type { Contest } from '../../api/types'
import { Badge } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Card, layout } from '../../ui/Page'
import { toast } from '../../ui/toast'
import { canManage, useSession } from '../session'
import { said } from './said'

/** Scores that contributors say are wrong. Overturning one recomputes every score of its task. */
export function Contests({ project, open }: { project: string; open: number }) {
  const session = useSession()
  const client = useQueryClient()
  const { data } = useQuery({ ...q.contests(project), enabled: open > 0 })
  const decide = useMutation({
    mutationFn: ({ contest, verdict }: { contest: Contest; verdict: 'uphold' | 'overturn' }) =>
      post<{ scores_changed: number }>(`/api/answers/${contest.answer}/decision`, verdict === 'overturn' ? { verdict, answer: contest.given } : { verdict }),
    onSuccess: async (decided) => {
      toast(decided.scores_changed === 1 ? 'Decided. One score has changed.' : `Decided. ${decided.scores_changed} scores have changed.`, { tone: 'good' })
      await Promise.all([client.invalidateQueries({ queryKey: ['quality', project] }), client.invalidateQueries({ queryKey: ['contests', project] })])
    },
    onError: (error) => toast(error.message, { tone: 'bad' }),
  })
  const waiting = data?.items.filter((contest) => contest.state === 'open') ?? []
  if (waiting.length === 0) return null
  return (
    <Card title="Contested gold">
      {waiting.map((contest) => (
        <div key={contest.answer} className={layout.between}>
          <div>
            <p><strong dir="auto">{contest.contributor.name}</strong> said <Badge bare>{said(contest.given)}</Badge>, known was <Badge bare>{said(contest.known)}</Badge>: “<span dir="auto">{contest.reason}</span>” <Link to="/projects/$project/tasks/$task" params={{ project, task: contest.task }}>Look at it</Link></p>
          </div>
          {canManage(session) && (
            <div className={layout.row}>
              <Button size="small" isDisabled={decide.isPending} onPress={() => decide.mutate({ contest, verdict: 'uphold' })}>The score stands</Button>
              <Button size="small" look="primary" isDisabled={decide.isPending} onPress={() => decide.mutate({ contest, verdict: 'overturn' })}>They are right</Button>
            </div>
          )}
        </div>
      ))}
    </Card>
  )
}
