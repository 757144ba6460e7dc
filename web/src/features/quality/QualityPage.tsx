import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import * as q from '../../api/queries'
import type { Project, Quality } from '../../api/types'
import { Badge, EmptyState, Note, SkeletonRows } from '../../ui/Bits'
import { ErrorState } from '../../ui/ErrorState'
import { money, number, percent } from '../../ui/format'
import { Table } from '../../ui/Grid'
import { Card, Figures, layout } from '../../ui/Page'
import { canReview, useSession } from '../session'
import { useProject } from '../projects/useProject'
import { Contests } from './Contests'
import { Gold } from './Gold'
import { Calibration, Drift, Matrix, named, Plot, Rates, ShareRail, Shares, Spread, Weeks } from './Plots'
import css from './Quality.module.css'
import { useFirst } from './useFirst'

/** How good the labels are, what they cost, and how far each person can be relied on. */
export function QualityPage() {
  const session = useSession()
  const project = useProject()
  const quality = useQuery({ ...q.quality(project.id), enabled: canReview(session) })
  if (!canReview(session)) return <EmptyState icon="eye" title="Only reviewers see how people do" />
  if (quality.isPending) return <SkeletonRows rows={8} />
  if (quality.isError) return <ErrorState error={quality.error} retry={() => void quality.refetch()} />
  return <Body project={project} quality={quality.data} />
}

function Body({ project, quality }: { project: Project; quality: Quality }) {
  const { cost, model } = quality
  const people = useFirst(quality.people)
  const doubts = useFirst(quality.doubts)
  const csv = (plot: string) => <a className={css.csv} href={`/api/projects/${project.id}/quality/${plot}.csv`} download>CSV<span className="sr"> of {plot}</span></a>
  if (cost.labels === 0 && quality.people.length === 0) {
    return <EmptyState icon="scale" title="Nothing to measure yet">As soon as answers are in, this page tells what they cost and how far they can be relied on.</EmptyState>
  }
  const saving = cost.answers_per_label === null ? null : 1 - cost.answers_per_label / cost.overlap
  return (
    <div className={css.page}>
      <Figures items={[
        quality.labels.share !== null
          ? { name: 'Labels right, on gold', value: percent(quality.labels.share, 1), note: `${percent(quality.labels.low)}–${percent(quality.labels.high)}, ${number(quality.labels.all)} gold` }
          : { name: 'Labels right', value: '–', note: 'no gold yet' },
        { name: 'Answers for one task', value: cost.answers_per_label === null ? '–' : number(cost.answers_per_label, 2), note: cost.adaptive ? `fixed would take ${number(cost.overlap)}` : `plan: ${number(cost.overlap)}` },
        ...(cost.adaptive && saving !== null ? [{ name: saving >= 0 ? 'Saved' : 'More than fixed', value: percent(Math.abs(saving)), note: `${number(Math.max(0, Math.round((cost.overlap - (cost.answers_per_label ?? 0)) * cost.labels)))} answers` }] : []),
        { name: 'Agreement', value: quality.agreement.value === null ? '–' : number(quality.agreement.value, 2), note: quality.agreement.measure === 'f1_iou50' ? 'F1 at IoU 0.5' : 'alpha' },
      ]} />
      {model && !model.calibrated && (
        <Note title="Not yet calibrated">
          Confidence is shown once {number(model.gold_needed)} gold tasks have been answered; {number(model.gold)} have. Until then {cost.adaptive && 'the plan decides by what the model claims of itself, and '}no label tells how sure it is.
        </Note>
      )}
      <div className={css.two}>
        {quality.answers.share !== null && (
          <Card title="Accuracy" acts={csv('accuracy')}>
            <Plot says={<>Measured on {number(quality.labels.all || quality.answers.all)} {quality.labels.all ? 'gold tasks, each labelled without its answer being known' : 'answers to gold'}. Lines are 95 % intervals{cost.target !== null && <>; dashed is the target of the plan, {percent(cost.target, 1)}</>}.</>}>
              <Shares rows={[...named('Labels', quality.labels), ...named('Plain vote', quality.votes), ...named('Single answers', quality.answers)]} target={cost.target} />
            </Plot>
          </Card>
        )}
        {cost.spread.length > 0 && (
          <Card title="What a task takes" acts={csv('cost')}>
            <Plot says={<CostSentence cost={cost} />}><Spread cost={cost} /></Plot>
          </Card>
        )}
        {quality.calibration.length > 0 && (
          <Card title="How sure labels are" acts={csv('calibration')}>
            <Plot says={<>The line across is the confidence that labels are told to have; the point is the share of gold tasks of that confidence whose labels are right, each made without its answer being known, with its 95 % interval.</>}><Calibration levels={quality.calibration} /></Plot>
          </Card>
        )}
        {quality.audit && <Audit audit={quality.audit} cost={cost} acts={csv('audit')} />}
        {quality.confusion && (
          <Card title="What is taken for what" acts={csv('confusion')}>
            <Plot says={quality.confusion.by_gold ? 'Rows add up to 100 %. What is so is known from gold.' : 'Rows add up to 100 %. What is so is only believed: there is no gold.'}>
              <Matrix classes={quality.classes} counts={quality.confusion.counts} />
            </Plot>
          </Card>
        )}
        {quality.rates.length > 0 && (
          <Card title="How each class is told" acts={csv('rates')}>
            <Plot says={quality.confusion?.by_gold || quality.labels.share !== null ? 'Answers to gold: how often a class was said where it holds, and where it does not.' : 'How often a class was said where it is believed to hold, and where it is not: there is no gold.'}>
              <Rates rates={quality.rates} />
            </Plot>
          </Card>
        )}
        {quality.drift.length > 1 && (
          <Card title="Over time" acts={csv('drift')}>
            <Plot says="Right answers to gold, in steps of equally many, in the order in which they came. The band is the 95 % interval of each step."><Drift steps={quality.drift} /></Plot>
          </Card>
        )}
        {quality.weeks.length > 0 && (
          <Card title="Week by week" acts={csv('weeks')}>
            <Plot says={<>{quality.answers.share !== null && <><Key line={css.line} /> right answers to gold, </>}<Key line={css.other} /> agreement of the tasks that were finished. Weeks begin on Monday, UTC; lines are 95 % intervals.</>}><Weeks weeks={quality.weeks} /></Plot>
          </Card>
        )}
      </div>
      {model && (
        <p className={layout.quiet}>
          What is believed comes from {model.method} ({model.reason}), fitted to {number(model.answers)} answers. Gold: {number(quality.gold.live)} dealt, {number(quality.gold.leaked)} recognized by people, {number(quality.gold.retired)} retired.
          {model.calibrated && <> Confidence is calibrated on {number(model.gold)} gold tasks ({model.calibration}).</>}
        </p>
      )}
      <Contests project={project.id} open={quality.gold.contests_open} />
      <Gold project={project.id} />
      <Card title="People" acts={csv('people')}>
        <Table
          label="People"
          rows={people.rows}
          rowKey={(row) => row.person}
          columns={[
            { key: 'name', title: 'Name', cell: (row) => <span dir="auto"><Link to="/projects/$project/people/$person" params={{ project: project.id, person: row.person }}>{row.name}</Link> {row.flagged && <Badge tone="bad">Right too seldom</Badge>}</span> },
            { key: 'answers', title: 'Answers', end: true, cell: (row) => number(row.answers) },
            { key: 'skill', title: 'Skill, as believed', end: true, cell: (row) => (row.skill === null ? '–' : percent(row.skill)) },
            { key: 'gold', title: 'Right on gold (95 %)', cell: (row) => <ShareRail share={row.gold} flagged={row.flagged} /> },
          ]}
        />
        {people.more}
        <p className={layout.quiet}>“Right too seldom” is said only when the evidence is beyond chance: of people who reach four fifths of the crowd’s own share of right answers, one in a hundred is called so, ever.</p>
      </Card>
      {quality.doubts.length > 0 && (
        <Card title="Most in doubt" acts={csv('doubts')}>
          <Table
            label="Most in doubt"
            rows={doubts.rows}
            rowKey={(row) => row.task}
            columns={[
              { key: 'name', title: 'Item', cell: (row) => <Link className={css.name} dir="auto" to="/projects/$project/tasks/$task" params={{ project: project.id, task: row.task }}>{row.name}</Link> },
              { key: 'answers', title: 'Answers', end: true, cell: (row) => number(row.answers) },
              { key: 'agreement', title: 'Agreement', end: true, cell: (row) => (row.agreement === null ? '–' : number(row.agreement, 2)) },
              { key: 'confidence', title: 'Confidence', end: true, cell: (row) => (row.confidence === null ? <span className={layout.quiet}>not yet calibrated</span> : percent(row.confidence)) },
            ]}
          />
          {doubts.more}
        </Card>
      )}
    </div>
  )
}

function Key({ line }: { line: string | undefined }) {
  return <span className={css.key}><svg viewBox="0 0 22 8" aria-hidden="true"><line className={line} x1="0" x2="22" y1="4" y2="4" /></svg></span>
}

/** The plan against a fixed number of answers, on tasks whose number it did not choose. */
function Audit({ audit, cost, acts }: { audit: NonNullable<Quality['audit']>; cost: Quality['cost']; acts: React.ReactNode }) {
  const estimated = audit.estimated && { name: 'Plan, estimated', share: audit.estimated.value, low: audit.estimated.low, high: audit.estimated.high }
  const rows = [...named('Plan, on gold', audit.plan), ...named('Fixed, on gold', audit.fixed), ...(estimated ? [estimated] : []), ...named('Plan = fixed', audit.same)]
  return (
    <Card title="Plan against fixed" acts={acts}>
      <Plot says={<AuditSentence audit={audit} cost={cost} />}><Shares rows={rows} target={cost.target} /></Plot>
    </Card>
  )
}

function AuditSentence({ audit, cost }: { audit: NonNullable<Quality['audit']>; cost: Quality['cost'] }) {
  const { answers, per_correct_plan, per_correct_fixed, saved } = audit
  return (
    <>
      Tasks whose answers are {number(cost.overlap)} whatever the plan says, taken answer by answer until it would have stopped.
      {answers && <> On {number(audit.same.all)} drawn at random it takes {number(answers.value, 2)} ({number(answers.low, 2)}–{number(answers.high, 2)}); it would have asked for more of {number(audit.asks_more)}, and an expert about {number(audit.escalates)}.</>}
      {per_correct_plan !== null && per_correct_fixed !== null && <> On the {number(audit.plan.all)} of them that are gold a right label takes {number(per_correct_plan, 2)} answers against {number(per_correct_fixed, 2)}{saved && <>: {percent(Math.abs(saved.value))} {saved.value >= 0 ? 'fewer' : 'more'} (between {percent(saved.low)} and {percent(saved.high)} fewer)</>}.</>}
      {audit.estimated && audit.gold_worth !== null && <> The estimate counts where plan and vote agree on the others, too, and is worth {number(audit.gold_worth)} gold tasks.</>}
    </>
  )
}

function CostSentence({ cost }: { cost: Quality['cost'] }) {
  const price = (answers: number) => (cost.pay ? money(Math.round(answers * cost.pay.amount_minor), cost.pay.currency) : `${number(answers, 2)} answers`)
  return (
    <>
      {number(cost.labels)} tasks have answers enough, those that wait for a decision among them.
      {cost.per_correct !== null && <> A label that is right costs {price(cost.per_correct)}{cost.per_correct_vote !== null && Math.abs(cost.per_correct_vote - cost.per_correct) >= 0.005 && <>; were the same answers counted by a plain vote, {price(cost.per_correct_vote)}</>}.</>}
      {cost.adaptive && <> Dashed is the fixed number, which {number(cost.audited)} audited tasks took to keep these figures honest.</>}
    </>
  )
}
