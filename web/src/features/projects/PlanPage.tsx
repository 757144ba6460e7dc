import { useBlocker } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { isApiError, problemOf } from '../../api/errors'
import type { Plan } from '../../api/types'
import { EmptyState, Note } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { ErrorNote } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { dateTime } from '../../ui/format'
import { Card, layout } from '../../ui/Page'
import { toast } from '../../ui/toast'
import { canManage, useSession } from '../session'
import { LeaveGuard } from '../shell/LeaveGuard'
import { questionText } from './bits'
import css from './Plan.module.css'
import { PlanForm } from './PlanForm'
import { useChangeProject, useProject } from './useProject'

const same = (a: Plan, b: Plan): boolean => JSON.stringify([a.overlap, a.review, a.agreement_min, a.cuboids ?? 'room', a.quality ?? { kind: 'fixed' }, a.lease_minutes, a.pay?.amount_minor, a.pay?.currency]) === JSON.stringify([b.overlap, b.review, b.agreement_min, b.cuboids ?? 'room', b.quality ?? { kind: 'fixed' }, b.lease_minutes, b.pay?.amount_minor, b.pay?.currency])

export function PlanPage() {
  const session = useSession()
  const project = useProject()
  const change = useChangeProject(project)
  const [name, setName] = useState(project.name)
  const [plan, setPlan] = useState(project.plan)
  const dirty = name.trim() !== project.name || !same(plan, project.plan)
  const guard = useBlocker({ shouldBlockFn: () => dirty, enableBeforeUnload: dirty, withResolver: true })
  const edited = isApiError(change.error) && change.error.code === 'edited_meanwhile'

  const submit = (event: FormEvent) => {
    event.preventDefault()
    change.mutate({ ...(name.trim() !== project.name ? { name: name.trim() } : {}), ...(same(plan, project.plan) ? {} : { plan }) }, { onSuccess: () => void toast('Saved.', { tone: 'good' }) })
  }
  const back = () => {
    setName(project.name)
    setPlan(project.plan)
    change.reset()
  }
  if (!canManage(session)) return <EmptyState icon="settings" title="Only managers change a project’s settings" />
  return (
    <form className={layout.stack} onSubmit={submit}>
      <Card title="Project">
        <div className={css.form}>
          <Field label="Name" required maxLength={200} value={name} onChange={setName} problem={problemOf(change.error, 'name')} />
          <p className={layout.quiet}>{questionText(project.question)} · made {dateTime(project.created_at)} · <code>{project.id}</code></p>
        </div>
      </Card>
      <Card title="Plan">
        {project.state === 'published' && <Note>The project is published: a change of the plan holds for tasks that are not resolved yet.</Note>}
        <PlanForm plan={plan} onChange={setPlan} cuboids={project.question.shapes.includes('cuboid3d')} />
      </Card>
      {edited ? <Note tone="warn" live title="Somebody else changed this project meanwhile">Look at their version, then save yours again: <Button size="small" onPress={back}>Show the present version</Button></Note> : <ErrorNote error={change.error} />}
      <div className={dirty ? css.save : undefined}>
        <Button type="submit" look="primary" isDisabled={!dirty} busy={change.isPending}>Save</Button>
        {dirty && <Button look="quiet" onPress={back}>Discard changes</Button>}
      </div>
      <LeaveGuard guard={guard} what="The settings have changes that are not saved." />
    </form>
  )
}
