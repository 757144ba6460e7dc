import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { patch, post } from '../../api/client'
import { problemOf } from '../../api/errors'
import * as q from '../../api/queries'
import type { Backend, BackendSettings, ChangeBackend, NewBackend, OntologyClass, Project } from '../../api/types'
import { SkeletonRows } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Checkbox, RadioCards } from '../../ui/Choice'
import { Dialog } from '../../ui/Dialog'
import { ErrorNote } from '../../ui/ErrorState'
import { Field, PasswordField } from '../../ui/Field'
import { layout } from '../../ui/Page'
import { Select } from '../../ui/Select'
import { toast } from '../../ui/toast'
import css from './Models.module.css'

type Login = 'none' | 'basic' | 'token'
type Classes = Backend['classes']

/** Connects a model, or changes how it is asked. What lets us in is sent and never shown again. */
export function BackendDialog({ project, backend, onClose }: { project: Project; backend?: Backend; onClose: () => void }) {
  const client = useQueryClient()
  const models = useQuery(q.models)
  const ontology = useQuery(q.ontology(project.id))
  const isText = project.question.media === 'text'
  const [kind, setKind] = useState<Backend['kind']>(backend?.kind ?? (isText ? 'label_studio' : 'local'))
  const [name, setName] = useState(backend?.name ?? '')
  const [url, setUrl] = useState(backend?.url ?? '')
  const [model, setModel] = useState<string | null>(backend?.model ?? null)
  const [login, setLogin] = useState<Login>(backend?.user ? 'basic' : backend?.has_secret ? 'token' : 'none')
  const [user, setUser] = useState(backend?.user ?? '')
  const [secret, setSecret] = useState('')
  const [inline, setInline] = useState(backend?.pictures === 'inline')
  const [atLeast, setAtLeast] = useState(String(Math.round((backend?.at_least ?? (kind === 'local' ? 0.4 : 0)) * 100)))
  const [prompts, setPrompts] = useState(backend?.prompts ?? true)
  const [classes, setClasses] = useState<Classes>(backend?.classes ?? {})
  const chosen = models.data?.items.find((each) => each.name === (model ?? models.data?.items[0]?.name)) ?? null

  const settings = (): BackendSettings => ({
    ...(kind === 'label_studio' ? { pictures: inline ? 'inline' : 'lent', ...loginOf(login, user, secret, backend) } : { classes }),
    at_least: Math.min(100, Math.max(0, Number(atLeast) || 0)) / 100,
    prompts,
  })
  const save = useMutation({
    meta: { shown: true },
    mutationFn: () =>
      backend === undefined
        ? post<Backend>(`/api/projects/${project.id}/backends`, { name: name.trim(), kind, ...(kind === 'local' ? { model: chosen?.name ?? '' } : { url: url.trim() }), settings: settings() } satisfies NewBackend)
        : patch<Backend>(`/api/backends/${backend.id}`, { name: name.trim(), ...(kind === 'label_studio' ? { url: url.trim() } : {}), settings: settings() } satisfies ChangeBackend),
    onSuccess: async (saved) => {
      // Whoever connects wants to know whether it answers.
      await post<Backend>(`/api/backends/${saved.id}/check`).catch(() => {})
      await Promise.all([client.invalidateQueries({ queryKey: ['backends', project.id] }), client.invalidateQueries({ queryKey: ['prompters', project.id] })])
      toast(backend === undefined ? `${saved.name} is connected.` : 'Saved.', { tone: 'good' })
      onClose()
    },
  })
  const act = backend === undefined ? 'Connect and test' : 'Save and test'
  return (
    <Dialog
      title={backend === undefined ? 'Connect a model' : `Change ${backend.name}`} wide open onClose={onClose} keep onSubmit={() => save.mutate()}
      foot={<><Button onPress={onClose}>Cancel</Button><Button type="submit" look="primary" busy={save.isPending}>{act}</Button></>}
    >
      {backend === undefined && !isText && (
        <RadioCards<Backend['kind']>
          label="Where it is" value={kind}
          onChange={(to) => {
            setKind(to)
            setAtLeast(to === 'local' ? '40' : '0')
          }}
          options={[
            { value: 'local', label: 'In this server', help: 'The built-in detector, or a model that the operator has brought. Nothing leaves the server.' },
            { value: 'label_studio', label: 'At an address', help: 'Anything that speaks Label Studio’s ML protocol: SAM, YOLO, spaCy, your own.' },
          ]}
        />
      )}
      <Field label="Name" required autoFocus maxLength={200} value={name} onChange={setName} placeholder={kind === 'local' ? 'Built-in detector' : 'Street model'} help="Suggestions are shown under it." problem={problemOf(save.error, 'name')} />
      {kind === 'local'
        ? (
          <>
            {backend === undefined && (models.data
              ? <Select label="Model" value={chosen?.name ?? null} options={models.data.items.map((each) => ({ value: each.name, label: each.name, help: each.about }))} onChange={setModel} />
              : <SkeletonRows rows={1} />)}
            {chosen !== null && chosen.kind === 'segmenter' && <p className={layout.quiet}>It outlines what somebody points at in the workbench, in the class that is chosen there.</p>}
            {chosen !== null && chosen.classes.length > 0 && ontology.data && (
              <ClassMap names={chosen.classes} classes={ontology.data.ontology.classes} map={classes} onChange={setClasses} />
            )}
          </>
        )
        : (
          <>
            <Field label="Address" required type="url" mono value={url} onChange={setUrl} placeholder="https://models.example.org:9090" spellCheck={false} help="Addresses in a private network are refused, unless the operator of the server allows their host by name." problem={problemOf(save.error, 'url')} />
            <div className={css.pair}>
              <Select<Login> label="Lets us in with" value={login} onChange={setLogin} options={[{ value: 'none', label: 'Nothing' }, { value: 'basic', label: 'User and password' }, { value: 'token', label: 'A token' }]} />
              {login === 'basic' && <Field label="User" required value={user} onChange={setUser} autoComplete="off" problem={problemOf(save.error, 'user')} />}
              {login !== 'none' && <PasswordField label={login === 'basic' ? 'Its password' : 'Token'} value={secret} onChange={setSecret} autoComplete="off" {...(backend?.has_secret ? { placeholder: 'as before' } : {})} />}
            </div>
            {!isText && <Checkbox label="Send pictures in the call" help="Otherwise the model fetches each under an address that opens for five minutes; it must be able to reach this server." checked={inline} onChange={setInline} />}
          </>
        )}
      <Field label="Leave out what is less sure than" type="number" inputMode="numeric" min={0} max={100} suffix="%" value={atLeast} onChange={setAtLeast} problem={problemOf(save.error, 'at_least')} />
      <Checkbox label="May be asked in the workbench" help="Whoever holds a task may ask it about that task, and point at what they mean." checked={prompts} onChange={setPrompts} />
      <ErrorNote error={save.error} />
    </Dialog>
  )
}

/** An empty text says that there is none; what is left empty stays as it was. */
function loginOf(login: Login, user: string, secret: string, before: Backend | undefined): BackendSettings {
  if (login === 'basic') return { user: user.trim(), ...(secret === '' ? {} : { password: secret }) }
  if (login === 'token') return secret === '' ? {} : { token: secret }
  return before?.has_secret ? { user: '' } : {}
}

const BY_NAME = 'by name'
const OUT = 'out'

/** What each class of a model becomes: the class of the same name, another, or nothing. */
function ClassMap({ names, classes, map, onChange }: { names: readonly string[]; classes: readonly OntologyClass[]; map: Classes; onChange: (map: Classes) => void }) {
  const [filter, setFilter] = useState('')
  const live = classes.filter(({ retired }) => !retired)
  const same = (name: string) => live.find((each) => each.name.toLowerCase() === name.toLowerCase() || each.key === name)
  const shown = names.filter((name) => name.toLowerCase().includes(filter.trim().toLowerCase()))
  // What becomes something stands first.
  const becomes = (name: string) => (map[name] !== undefined ? map[name] !== null : same(name) !== undefined)
  const sorted = [...shown].sort((a, b) => Number(becomes(b)) - Number(becomes(a)))
  const set = (name: string, to: string) => {
    const { [name]: _, ...others } = map
    onChange(to === BY_NAME ? others : { ...others, [name]: to === OUT ? null : to })
  }
  return (
    <fieldset className={css.group}>
      <legend>What its classes become</legend>
      {names.length > 8 && <Field label="Find a class" hideLabel icon="search" value={filter} onChange={setFilter} placeholder="Find a class" />}
      <ul className={css.classes}>
        {sorted.map((name) => {
          const found = same(name)
          return (
            <li key={name}>
              <span className={css.name}>{name}</span>
              <Select
                label={`What ${name} becomes`} hideLabel value={map[name] === undefined ? BY_NAME : (map[name] ?? OUT)} onChange={(to) => set(name, to)}
                options={[
                  { value: BY_NAME, label: found ? `${found.name}, by its name` : 'Left out: nothing is called so' },
                  ...(found ? [{ value: OUT, label: 'Left out' }] : []),
                  ...live.map((each) => ({ value: each.key, label: each.name })),
                ]}
              />
            </li>
          )
        })}
      </ul>
    </fieldset>
  )
}
