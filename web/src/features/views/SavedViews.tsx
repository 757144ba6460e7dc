import { type FormEvent, useState, useSyncExternalStore } from 'react'
import { Button, IconButton } from '../../ui/Button'
import { Field } from '../../ui/Field'
import { toast } from '../../ui/toast'
import { keptOf } from '../kept'
import { useSession } from '../session'
import css from './Views.module.css'
import { type Filter, NAME_MAX, type Page, isEmpty, isSame, viewsOf } from './views'

interface Props {
  project: string
  page: Page
  /** How the page filters now. */
  filter: Filter
  onTake: (filter: Filter) => void
}

/** The filters that somebody comes back to, each a press away. */
export function SavedViews({ project, page, filter, onTake }: Props) {
  const { person, organization } = useSession()
  const store = viewsOf(keptOf(person.id, organization?.id ?? null), person.id, project, page)
  const views = useSyncExternalStore(store.listen, () => store.state)
  const [name, setName] = useState<string | null>(null)
  const current = views.find((view) => isSame(view.filter, filter))
  const canSave = !isEmpty(filter) && current === undefined
  if (views.length === 0 && !canSave) return null
  const save = (event: FormEvent) => {
    event.preventDefault()
    const said = name?.trim() ?? ''
    if (said === '') return
    store.save({ name: said, filter })
    setName(null)
  }
  const remove = (gone: { name: string; filter: Filter }) => {
    store.remove(gone.name)
    toast(`View “${gone.name}” removed.`, { act: { label: 'Undo', run: () => store.save(gone) } })
  }
  return (
    <div className={css.views} role="group" aria-label="Saved views">
      {views.map((view) => (
        <span key={view.name} className={css.view} data-current={view === current ? '' : undefined}>
          <button type="button" aria-pressed={view === current} onClick={() => onTake(view === current ? {} : view.filter)}><bdi>{view.name}</bdi></button>
          <IconButton icon="x" size="small" label={`Remove the view ${view.name}`} onPress={() => remove(view)} />
        </span>
      ))}
      {canSave && name === null && <Button size="small" look="quiet" icon="plus" onPress={() => setName('')}>Save this view</Button>}
      {canSave && name !== null && (
        <form className={css.save} onSubmit={save}>
          <Field label="Name of the view" hideLabel placeholder="Name of the view" value={name} onChange={(text) => setName(text.slice(0, NAME_MAX))} autoFocus />
          <Button size="small" type="submit" isDisabled={name.trim() === ''}>Save</Button>
          <Button size="small" look="quiet" onPress={() => setName(null)}>Cancel</Button>
        </form>
      )}
    </div>
  )
}
