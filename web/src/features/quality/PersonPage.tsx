import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import * as q from '../../api/queries'
import type { OwnScore, PersonQuality } from '../../api/types'
import { Badge, EmptyState, SkeletonRows } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { ErrorState } from '../../ui/ErrorState'
import { ago, dateTime, number, percent } from '../../ui/format'
import { Table } from '../../ui/Grid'
import { Card, Figures, layout } from '../../ui/Page'
import { useProject } from '../projects/useProject'
import { canReview, useSession } from '../session'
import { ContestDialog, contested } from '../home/OwnScores'
import { Drift, named, Plot, Shares, Weeks } from './Plots'
import css from './Quality.module.css'
import { Known } from './Known'
import { said } from './said'
import { useFirst } from './useFirst'

/** How far one person can be relied on in a project: what reviewers see of them, and what they see of themselves. */
export function PersonPage() {
  const session = useSession()
  const project = useProject()
  const { person } = useParams({ from: '/inside/shell/projects/$project/people/$person' })
  const quality = useQuery(q.personQuality(project.id, person))
  if (quality.isPending) return <SkeletonRows rows={8} />
  if (quality.isError) return <ErrorState error={quality.error} retry={() => void quality.refetch()} />
  return <Body quality={quality.data} own={session.person.id === person} reviews={canReview(session)} />
}

function Body({ quality, own, reviews }: { quality: PersonQuality; own: boolean; reviews: boolean }) {
  const { person, gold, crowd, drift, weeks, scores } = quality
  const [about, setAbout] = useState<OwnScore | null>(null)
  const first = useFirst(scores)
  const csv = <a className={css.csv} href={`/api/projects/${quality.project}/people/${person.person}/quality.csv`} download>CSV<span className="sr"> of the checked answers</span></a>
  return (
    <div className={css.page}>
      <h2 dir="auto">{own ? 'How you do here' : person.name} {quality.flagged && <Badge tone="bad">Right too seldom</Badge>}</h2>
      <Figures items={[
        { name: 'Answers', value: number(quality.answers) },
        gold.share === null ? { name: 'Right on gold', value: '–', note: 'nothing checked yet' } : { name: 'Right on gold', value: percent(gold.share), note: `${percent(gold.low)}–${percent(gold.high)}, ${number(gold.all)} checked` },
        { name: 'Everybody', value: crowd.share === null ? '–' : percent(crowd.share), note: crowd.share === null ? 'no gold yet' : `${number(crowd.all)} checked` },
        ...(quality.skill === null ? [] : [{ name: 'Skill, as believed', value: percent(quality.skill), note: 'by gold and by what others say' }]),
      ]} />
      {gold.share === null
        ? <EmptyState icon="scale" title="Nothing checked yet">Some tasks have a known answer. How {own ? 'you' : 'they'} did on them is told here{own ? ' a day after you gave yours' : ''}.</EmptyState>
        : (
          <div className={css.two}>
            <Card title="Accuracy">
              <Plot says={<>Right answers to tasks whose answer is known; lines are 95 % intervals{quality.bar !== null && <>. Dashed is the line below which evidence counts against somebody, {percent(quality.bar)}</>}.</>}>
                <Shares rows={[...named(own ? 'You' : 'This person', gold), ...named('Everybody', crowd)]} target={quality.bar} />
              </Plot>
            </Card>
            {drift.length > 1 && (
              <Card title="Over time">
                <Plot says="In steps of equally many checked answers. The band is the 95 % interval of each step."><Drift steps={drift} /></Plot>
              </Card>
            )}
            {weeks.length > 1 && (
              <Card title="Week by week">
                <Plot says="Right answers to gold. Weeks begin on Monday, UTC; lines are 95 % intervals."><Weeks weeks={weeks} /></Plot>
              </Card>
            )}
          </div>
        )}
      <p className={layout.quiet}>“Right too seldom” is said only when the evidence is beyond chance: of people who reach four fifths of the crowd’s own share of right answers, one in a hundred is called so, ever. {own && 'You see here what reviewers see of you, told a day late where gold is concerned.'}</p>
      {scores.length > 0 && (
        <Card title="Checked answers" acts={csv}>
          <Table
            label="Checked answers"
            rows={first.rows}
            rowKey={(row) => row.answer}
            columns={[
              { key: 'name', title: 'Item', cell: (row) => (reviews && row.task ? <Link className={css.name} dir="auto" to="/projects/$project/tasks/$task" params={{ project: quality.project, task: row.task }}>{row.name}</Link> : <span className={css.name} dir="auto">{row.name}</span>) },
              { key: 'given', title: own ? 'Your answer' : 'Answer', cell: (row) => <span dir="auto">{said(row.given)}</span> },
              { key: 'known', title: 'Known', cell: (row) => <Known answer={row.known} /> },
              { key: 'likeness', title: 'Alike', end: true, cell: (row) => percent(row.likeness) },
              { key: 'at', title: 'Handed in', cell: (row) => <time dateTime={row.at} title={dateTime(row.at)}>{ago(row.at)}</time> },
              {
                key: 'state', title: 'Score', cell: (row) => (
                  <span className={layout.row}>
                    <Badge tone={row.correct ? 'good' : 'warn'}>{row.correct ? 'Right' : 'Wrong'}</Badge>
                    {row.contest && !(row.contest === 'overturned' && !row.correct) && <Badge bare>{contested[row.contest]}</Badge>}
                    {own && !row.correct && (row.contest === null || row.contest === 'overturned') && <Button size="small" aria-label={`Contest the score on ${row.name}`} onPress={() => setAbout({ ...row, project: quality.project, project_name: quality.project_name })}>Contest</Button>}
                  </span>
                ),
              },
            ]}
          />
          {first.more}
        </Card>
      )}
      {about && <ContestDialog about={about} onClose={() => setAbout(null)} />}
    </div>
  )
}
