import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useState } from 'react'
import { patch, post } from '../../api/client'
import * as q from '../../api/queries'
import type { Answer, Consensus, Ontology, PersonRef, Task, TaskAnswer } from '../../api/types'
import { Badge, SkeletonRows, type Tone } from '../../ui/Bits'
import { Button, IconButton } from '../../ui/Button'
import { Confirm, Dialog } from '../../ui/Dialog'
import { ErrorNote, ErrorState } from '../../ui/ErrorState'
import { Field, TextArea } from '../../ui/Field'
import { ago, bytes, dateTime, duration, number, percent } from '../../ui/format'
import { Menu, MenuItem } from '../../ui/Menu'
import { Card, layout } from '../../ui/Page'
import { Checkbox, Radios } from '../../ui/Choice'
import { Select } from '../../ui/Select'
import { toast } from '../../ui/toast'
import { TaskBadge } from '../projects/bits'
import { useProject } from '../projects/useProject'
import { said } from '../quality/said'
import { canManage, canReview, useSession } from '../session'
import type { NamedAnswer } from '../workbench/TaskPicture'
import { AnswerTalk } from '../comments/Conversation'
import { AnswerText } from './AnswerText'
import { votesSaid } from '../workbench/votes'
import { Suggested } from './Suggested'
import css from './Tasks.module.css'
import { stageNames } from './TasksPage'

// The picture comes with the canvas, which a list of facts need not wait for.
const TaskPicture = lazy(() => import('../workbench/TaskPicture').then((module) => ({ default: module.TaskPicture })))

export function TaskPage() {
  const project = useProject()
  const { task: id } = useParams({ from: '/inside/shell/projects/$project/tasks/$task' })
  const task = useQuery(q.task(id))
  if (task.isPending) return <SkeletonRows />
  if (task.isError) return <ErrorState error={task.error} retry={() => void task.refetch()} />
  return <TaskView key={task.data.id} task={task.data} project={project.id} />
}

const answerTones: Record<TaskAnswer['state'], Tone> = { standing: 'good', superseded: 'plain', rejected: 'bad' }

function TaskView({ task, project }: { task: Task; project: string }) {
  const session = useSession()
  const standing = task.answers.find((each) => each.state === 'standing') ?? task.answers[0]
  const [chosen, setChosen] = useState<string>(task.label ? 'label' : (standing?.id ?? ''))
  const together = useMemo(() => task.answers.filter((each) => each.state === 'standing' && each.stage !== 'review'), [task])
  const shown = useMemo<{ answers: NamedAnswer[]; version?: number }>(() => {
    if (chosen === 'together') return { answers: together.map((each) => ({ id: each.id, name: each.contributor.name, answer: each.answer })) }
    if (chosen === 'label' && task.label) return { answers: [{ id: 'label', name: 'Label', answer: task.label.value }] }
    const one = task.answers.find((each) => each.id === chosen)
    return one ? { answers: [{ id: one.id, name: one.contributor.name, answer: one.answer }], version: one.ontology_version } : { answers: [] }
  }, [chosen, task, together])
  const talkedOf = task.answers.find((each) => each.id === (chosen === 'label' || chosen === 'together' ? standing?.id : chosen)) ?? null
  const ontology = useQuery(q.ontology(project, shown.version))
  const meaning = ontology.data?.ontology ?? null

  return (
    <>
      <div className={css.title}>
        <h2 dir="ltr">{task.external_id}</h2>
        <TaskBadge state={task.state} />
        {task.stage && <Badge bare>{stageNames[task.stage]}</Badge>}
        {task.priority !== 0 && <Badge tone="warn" bare>Priority {number(task.priority)}</Badge>}
        <span>{canManage(session) && <Acts task={task} project={project} ontology={meaning} />}</span>
      </div>
      <div className={css.task}>
        <div className={css.column}>
          <Card>
            <div className={css.picture}>
              <Suspense fallback={<SkeletonRows rows={4} />}>{meaning && <TaskPicture key={chosen} item={task.item} ontology={meaning} answers={shown.answers} />}</Suspense>
            </div>
          </Card>
          <Card title="Answers">
            {task.answers.length === 0 && !task.label && <p className={layout.quiet}>None yet. {task.slots.some((slot) => slot.holder) && 'Somebody is at it.'}</p>}
            <div className={css.answers} role="radiogroup" aria-label="Shown on the picture">
              {task.label && (
                <label className={css.answer}>
                  <input type="radio" name="answer" checked={chosen === 'label'} onChange={() => setChosen('label')} />
                  <span className={css.line}>
                    <strong>Label</strong><Badge tone="good">{task.label.method}</Badge>
                    {task.state === 'done' && <span className={layout.quiet}>sealed: only reopening the task changes it</span>}
                    {task.label.confidence !== null ? <span className={layout.quiet}>confidence {percent(task.label.confidence)}</span> : task.label.model && <span className={layout.quiet}>not yet calibrated</span>}
                    <time className={layout.quiet} dateTime={task.label.at} title={dateTime(task.label.at)}>{ago(task.label.at)}</time>
                  </span>
                  <AnswerText answer={task.label.value} ontology={meaning} />
                  {task.label.attributes && <span className={layout.quiet}>Of those who choose the same{votesSaid(task.label.attributes, meaning)}</span>}
                  {task.label.consensus && <Made consensus={task.label.consensus} label={task.label.value} task={task} ontology={meaning} />}
                </label>
              )}
              {together.length > 1 && (
                <label className={css.answer}>
                  <input type="radio" name="answer" checked={chosen === 'together'} onChange={() => setChosen('together')} />
                  <span className={css.line}><strong>All {number(together.length)} together</strong><span className={layout.quiet}>each in a colour of its own{task.agreement !== null && `, agreement ${task.agreement.toFixed(2)}`}</span></span>
                </label>
              )}
              {task.answers.map((each) => (
                <label key={each.id} className={css.answer}>
                  <input type="radio" name="answer" checked={chosen === each.id} onChange={() => setChosen(each.id)} />
                  <span className={css.line}>
                    <strong dir="auto">{each.contributor.name}</strong><Badge tone={answerTones[each.state]}>{each.state}</Badge>
                    <span className={layout.quiet}>{stageNames[each.stage]} · {duration(each.active_ms / 1000)} · ontology {each.ontology_version}, instructions {each.instructions_version}</span>
                    <time className={layout.quiet} dateTime={each.submitted_at} title={dateTime(each.submitted_at)}>{ago(each.submitted_at)}</time>
                  </span>
                  <AnswerText answer={each.answer} ontology={meaning} />
                  {task.reviews.filter((review) => review.answer === each.id).map((review) => (
                    <span key={review.id} className={css.review}>
                      <b>{review.reviewer.name}</b>: {{ accept: 'accepted', fix: 'fixed', reject: 'sent back' }[review.verdict]}
                      {review.clause && <> under “{review.clause.replaceAll('-', ' ')}”</>}{review.reason && <>: {review.reason}</>}
                    </span>
                  ))}
                </label>
              ))}
            </div>
          </Card>
          {talkedOf !== null && (
            <Card title={`Comments on the answer of ${talkedOf.contributor.name}`}>
              <AnswerTalk key={talkedOf.id} answer={talkedOf.id} side={talkedOf.contributor.person === session.person.id ? 'contributor' : 'reviewer'} isReader={!canReview(session)} />
            </Card>
          )}
          <Suggested task={task} ontology={meaning} />
        </div>
        <Facts task={task} />
      </div>
    </>
  )
}

/** Of which answers a label was made, and who has which part of it. */
function Made({ consensus, label, task, ontology }: { consensus: Consensus; label: Answer; task: Task; ontology: Ontology | null }) {
  const things = [...(label.objects ?? []), ...(label.spans ?? [])]
  const nameOf = (id: string) => {
    const key = things.find((thing) => thing.id === id)?.class ?? id
    return ontology?.classes.find((each) => each.key === key)?.name ?? key
  }
  const by = (ids: string[]) => ids.map((id) => task.answers.find((each) => each.id === id)?.contributor.name ?? 'somebody').join(', ')
  return (
    <span className={css.made}>
      <span className={layout.quiet}>What {number(consensus.answers.length)} answers say together</span>
      {consensus.parts.map((part) => (
        <span key={part.id} className={css.line}>
          <span dir="auto">{nameOf(part.id)}</span>
          <span className={layout.quiet}>{number(part.answers.length)} of {number(consensus.answers.length)}{part.confidence !== null && `, ${percent(part.confidence)} sure`}: <span dir="auto">{by(part.answers)}</span>{votesSaid(part.attributes, ontology)}</span>
        </span>
      ))}
    </span>
  )
}

const actorName = (actor: string | PersonRef | null): string => (actor === null ? 'Fairmark' : typeof actor === 'string' ? actor : actor.name)
const kindText = (kind: string): string => kind.replace(/^\w+\./, '').replaceAll('_', ' ')

function Facts({ task }: { task: Task }) {
  const { item } = task
  const metadata = Object.entries(item.metadata)
  return (
    <div className={css.column}>
      <Card title="Item">
        <dl className={css.facts}>
          <dt>Name</dt><dd dir="auto">{item.name}</dd>
          {item.width && item.height && <><dt>Size</dt><dd>{number(item.width)} × {number(item.height)}</dd></>}
          {item.video && <><dt>Frames</dt><dd>{number(item.video.frames)}</dd></>}
          <dt>Bytes</dt><dd>{bytes(item.bytes)}</dd>
          <dt>Came in</dt><dd>{dateTime(item.created_at)}</dd>
          {metadata.map(([key, value]) => <FactRow key={key} name={key} value={typeof value === 'string' ? value : JSON.stringify(value)} />)}
        </dl>
      </Card>
      <Card title="Slots">
        <dl className={css.facts}>
          {task.slots.map((slot) => (
            <FactRow
              key={slot.id} name={`${stageNames[slot.stage]} ${slot.ordinal}`}
              value={slot.holder ? `${slot.holder.name}${slot.until ? `, until ${dateTime(slot.until)}` : ''}` : slot.state.replaceAll('_', ' ')}
            />
          ))}
          {task.agreement !== null && <FactRow name="Agreement" value={task.agreement.toFixed(2)} />}
        </dl>
        {task.skips.length > 0 && <p className={layout.quiet}>Skipped by {task.skips.map((skip) => `${skip.name} (${skip.reason.replaceAll('_', ' ')}${skip.text ? `: ${skip.text}` : ''})`).join(', ')}</p>}
      </Card>
      <Card title="History">
        <ol className={css.history}>
          {task.history.map((event) => (
            <li key={event.at + event.kind}><span>{actorName(event.actor)} · {kindText(event.kind)}{event.reason && `: ${event.reason}`}<small><time dateTime={event.at} title={dateTime(event.at)}>{ago(event.at)}</time></small></span></li>
          ))}
        </ol>
      </Card>
    </div>
  )
}

const FactRow = ({ name, value }: { name: string; value: string }) => <><dt>{name}</dt><dd dir="auto">{value}</dd></>

function Acts({ task, project, ontology }: { task: Task; project: string; ontology: Ontology | null }) {
  const client = useQueryClient()
  const { question } = useProject()
  const navigate = useNavigate()
  const [dialog, setDialog] = useState<'cancel' | 'reopen' | 'priority' | 'gold' | null>(null)
  const [reason, setReason] = useState('')
  const [priority, setPriority] = useState(String(task.priority))
  const act = useMutation({
    meta: { shown: true },
    mutationFn: (what: 'cancel' | 'reopen' | 'priority' | 'gold') =>
      what === 'gold' ? post(`/api/projects/${project}/gold`, { task: task.id, ...(known ? { answer: known } : {}) }) : what === 'priority' ? patch(`/api/tasks/${task.id}`, { priority: Number(priority) || 0 }) : post(`/api/tasks/${task.id}/${what}`, what === 'reopen' ? { reason: reason.trim() } : {}),
    onSuccess: async (_, what) => {
      const changed = [['task', task.id], ['tasks'], ['gold', project], ['quality', project]]
      await Promise.all(changed.map((queryKey) => client.invalidateQueries({ queryKey })))
      toast({ gold: 'It is gold now, and is dealt among the others.', cancel: 'The task is canceled.', reopen: 'The task is open again.', priority: 'The priority is set.' }[what], { tone: 'good' })
      setDialog(null)
    },
  })
  const sources = [
    ...(task.state === 'done' && task.label ? [{ value: 'label', label: `The label: ${said(task.label.value)}` }] : []),
    ...task.answers.filter((each) => each.state === 'standing').map((each) => ({ value: each.id, label: `What ${each.contributor.name} says: ${said(each.answer)}` })),
    ...(question.choice !== null && question.spans !== true ? [{ value: 'own', label: 'What you choose here' }] : []),
  ]
  const [source, setSource] = useState('')
  const from = source || (sources[0]?.value ?? '')
  const [choices, setChoices] = useState<readonly string[]>([])
  const known = from === 'own' ? { choices: [...choices] } : task.answers.find((each) => each.id === from)?.answer
  const classes = ontology?.classes.filter(({ retired }) => !retired) ?? []
  const over = task.state === 'done' || task.state === 'canceled' || task.state === 'error'
  const close = () => {
    setDialog(null)
    act.reset()
  }
  return (
    <>
      <Menu label="More" trigger={<IconButton icon="more" label="More" />}>
        <MenuItem icon="flag" onAction={() => setDialog('priority')}>Priority…</MenuItem>
        <MenuItem icon="scale" onAction={() => void navigate({ to: '/projects/$project/gold/$task', params: { project, task: task.id } })}>Say what is known…</MenuItem>
        {sources.length > 0 && <MenuItem icon="check" onAction={() => setDialog('gold')}>Make it gold…</MenuItem>}
        {over ? <MenuItem icon="undo" onAction={() => setDialog('reopen')}>Reopen…</MenuItem> : <MenuItem icon="x" danger onAction={() => setDialog('cancel')}>Cancel the task…</MenuItem>}
      </Menu>
      <Confirm title="Cancel this task?" act="Cancel the task" open={dialog === 'cancel'} onClose={close} onConfirm={() => act.mutateAsync('cancel')}>
        <p>Nobody is given it any more. Answers that were handed in stay, and are paid. It can be reopened.</p>
        <ErrorNote error={act.error} />
      </Confirm>
      <Confirm title="Make this task gold?" act="Make it gold" open={dialog === 'gold'} onClose={close} onConfirm={() => act.mutateAsync('gold')}>
        <p>What is known of it stands from now on. It is dealt among the other tasks once it is done, looks like them, and what people answer to it tells how far they can be relied on.</p>
        {sources.length > 1 && <Select label="What is known" value={from} onChange={setSource} options={sources} />}
        {from === 'own' && question.choice === 'single' && <Radios label="Class" value={choices[0] ?? ''} onChange={(key) => setChoices([key])} options={classes.map(({ key, name }) => ({ value: key, label: name }))} />}
        {from === 'own' && question.choice === 'multi' && classes.map(({ key, name }) => <Checkbox key={key} label={name} checked={choices.includes(key)} onChange={(on) => setChoices(on ? [...choices, key] : choices.filter((each) => each !== key))} />)}
        <ErrorNote error={act.error} />
      </Confirm>
      <Dialog
        title="Reopen this task" open={dialog === 'reopen'} onClose={close} onSubmit={() => act.mutate('reopen')}
        foot={<><Button onPress={close}>Cancel</Button><Button type="submit" look="primary" isDisabled={!reason.trim()} busy={act.isPending}>Reopen</Button></>}
      >
        <TextArea label="Reason" required autoFocus value={reason} onChange={setReason} help="It is kept in the task’s history." />
        <ErrorNote error={act.error} />
      </Dialog>
      <Dialog
        title="Priority" open={dialog === 'priority'} onClose={close} onSubmit={() => act.mutate('priority')}
        foot={<><Button onPress={close}>Cancel</Button><Button type="submit" look="primary" busy={act.isPending}>Set</Button></>}
      >
        <Field label="Priority" type="number" autoFocus value={priority} onChange={setPriority} help="Higher comes first. Most tasks have 0." />
        <ErrorNote error={act.error} />
      </Dialog>
    </>
  )
}
