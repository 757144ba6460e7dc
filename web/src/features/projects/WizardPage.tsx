import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useBlocker, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useReducer, useState } from 'react'
import { post } from '../../api/client'
import { problemOf } from '../../api/errors'
import * as q from '../../api/queries'
import type { Project, ShapeKind, Template, TemplateName } from '../../api/types'
import { SkeletonRows } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { RadioCards } from '../../ui/Choice'
import { ErrorNote, ErrorState } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { Card, Page } from '../../ui/Page'
import { toast } from '../../ui/toast'
import { begin, step as editStep } from '../ontology/edit'
import { asNew, close, inKeyOrder, open } from '../ontology/model'
import { LeaveGuard } from '../shell/LeaveGuard'
import { QuestionPicture, shapeNames } from './bits'
import { ClassesInput } from './ClassesInput'
import css from './Plan.module.css'
import { PlanForm, usualPlan } from './PlanForm'

const steps = ['Question', 'Name and classes', 'Plan'] as const

/** A new project in three steps. Nothing is made before the last. */
export function WizardPage() {
  const templates = useQuery(q.templates)
  return (
    <Page title="New project" crumbs={[{ label: 'Projects', to: '/projects' }]} width="narrow">
      {templates.isPending ? <SkeletonRows />
        : templates.isError ? <ErrorState error={templates.error} retry={() => void templates.refetch()} />
        : <Wizard templates={templates.data.items} />}
    </Page>
  )
}

function Wizard({ templates }: { templates: readonly Template[] }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [at, setAt] = useState(0)
  const [chosen, setChosen] = useState<TemplateName | null>(null)
  const [name, setName] = useState('')
  /** Of a template that offers several kinds of shapes, those that are left out. */
  const [without, setWithout] = useState<ReadonlySet<ShapeKind>>(new Set())
  const [plan, setPlan] = useState(usualPlan)
  const [ontology, edit] = useReducer(editStep, { classes: [], attributes: [], relations: [] }, begin)
  const template = templates.find((each) => each.template === chosen)
  const doc = inKeyOrder(ontology.doc)
  const offered = template?.question.shapes ?? []
  const shapes = offered.filter((shape) => !without.has(shape))

  const make = useMutation({
    meta: { shown: true },
    mutationFn: () => post<Project>('/api/projects', {
      name: name.trim(),
      template: chosen,
      ...(without.size > 0 ? { shapes } : {}),
      ontology: close({ ...doc, classes: doc.classes.filter((row) => row.name.trim()) }),
      plan,
    }),
    onSuccess: async (project) => {
      void client.invalidateQueries({ queryKey: ['projects'] })
      client.setQueryData(q.project(project.id).queryKey, project)
      toast(`${project.name} is made. It is a draft until you publish it.`, { tone: 'good' })
      await navigate({ to: '/projects/$project', params: { project: project.id } })
    },
  })
  const dirty = (chosen !== null || name !== '') && !make.isSuccess && !make.isPending
  const guard = useBlocker({ shouldBlockFn: () => dirty, enableBeforeUnload: dirty, withResolver: true })

  const choose = (next: TemplateName) => {
    setChosen(next)
    setWithout(new Set())
    const given = templates.find((each) => each.template === next)?.ontology
    edit({ type: 'load', doc: asNew(open(given ?? { classes: [], attributes: [] })) })
    if (!given?.classes.length) edit({ type: 'class.add', names: [''] })
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (at < steps.length - 1) setAt(at + 1)
    else make.mutate()
  }
  const hasClasses = doc.classes.some((row) => row.name.trim())
  const ready = at === 0 ? template !== undefined : at === 1 ? name.trim() !== '' && hasClasses && (shapes.length > 0 || offered.length === 0) : true

  return (
    <form className={css.wizard} onSubmit={submit}>
      <ol className={css.steps}>
        {steps.map((label, index) => <li key={label} aria-current={index === at ? 'step' : undefined} data-done={index < at ? '' : undefined}>{label}</li>)}
      </ol>
      {at === 0 && (
        <RadioCards
          label="What do you ask?" value={chosen} onChange={choose}
          options={templates.map((each) => ({ value: each.template, label: each.name, help: each.description, picture: <QuestionPicture question={each.question} size="large" /> }))}
        />
      )}
      {at === 1 && (
        <>
          <Card title="Name">
            <Field label="Name of the project" hideLabel required autoFocus maxLength={200} value={name} onChange={setName} placeholder="For example: Street scenes, spring" problem={problemOf(make.error, 'name')} />
          </Card>
          {offered.length > 1 && (
            <Card title="Shapes">
              <p>Which shapes may be drawn. Each brings its tools into the workbench; fewer are quicker to work with.</p>
              <div className={css.shapes}>
                {offered.map((shape) => (
                  <label key={shape}>
                    <input
                      type="checkbox"
                      checked={!without.has(shape)}
                      onChange={() => {
                        const next = new Set(without)
                        if (!next.delete(shape)) next.add(shape)
                        setWithout(next)
                      }}
                    />
                    {shapeNames[shape]}
                  </label>
                ))}
              </div>
            </Card>
          )}
          <Card title="Classes">
            <p>What may be said about an item. Paste a list, or press Enter after each name. Colours, nesting and attributes come later, under Ontology.</p>
            <ClassesInput
              rows={doc.classes}
              onAdd={(names, after) => edit({ type: 'class.add', names, ...(after ? { after } : {}) })}
              onName={(uid, next) => edit({ type: 'class.change', uid, change: { name: next } })}
              onRemove={(uid) => edit({ type: 'class.remove', uid })}
            />
          </Card>
        </>
      )}
      {at === 2 && <Card title="Plan"><PlanForm plan={plan} onChange={setPlan} cuboids={shapes.includes('cuboid3d')} /></Card>}
      <ErrorNote error={make.error} />
      <div className={css.foot}>
        <Button isDisabled={at === 0} onPress={() => setAt(at - 1)}>Back</Button>
        <Button type="submit" look="primary" isDisabled={!ready} busy={make.isPending}>{at < steps.length - 1 ? 'Next' : 'Make the project'}</Button>
      </div>
      <LeaveGuard guard={guard} what="The new project has not been made yet." />
    </form>
  )
}
