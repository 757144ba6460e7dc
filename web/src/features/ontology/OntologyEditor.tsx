import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useBlocker } from '@tanstack/react-router'
import { useEffect, useMemo, useReducer, useRef } from 'react'
import { get, put } from '../../api/client'
import { isApiError } from '../../api/errors'
import * as q from '../../api/queries'
import type { Attribute, OntologyClass, OntologyVersion, Project, RelationKind } from '../../api/types'
import { Note } from '../../ui/Bits'
import { Button, IconButton } from '../../ui/Button'
import { ErrorNote } from '../../ui/ErrorState'
import { Card } from '../../ui/Page'
import { toast } from '../../ui/toast'
import { LeaveGuard } from '../shell/LeaveGuard'
import { Attributes } from './Attributes'
import { Classes } from './Classes'
import { begin, step } from './edit'
import { close, open, problems } from './model'
import css from './Ontology.module.css'
import { Preview } from './Preview'
import { Relations } from './Relations'
import { Versions } from './Versions'

interface Props { project: Project; base: OntologyVersion; onSaved: (next: OntologyVersion) => void }

/** What the other person's version has that ours does not, so that it can be seen before anything is overwritten. */
function difference(theirs: OntologyVersion, ours: ReturnType<typeof close>): string[] {
  const missing = (kind: string, them: readonly (OntologyClass | Attribute | RelationKind)[], us: readonly (OntologyClass | Attribute | RelationKind)[]) =>
    them.flatMap((row) => {
      const mine = us.find((each) => each.key === row.key)
      return !mine ? [`${kind} “${row.name}” is only in theirs`] : mine.name !== row.name ? [`${kind} “${row.name}” is named “${mine.name}” in yours`] : []
    })
  return [...missing('Class', theirs.ontology.classes, ours.classes), ...missing('Attribute', theirs.ontology.attributes, ours.attributes), ...missing('Relation', theirs.ontology.relations ?? [], ours.relations ?? [])]
}

export function OntologyEditor({ project, base, onSaved }: Props) {
  const client = useQueryClient()
  const [state, act] = useReducer(step, base.ontology, (ontology) => begin(open(ontology)))
  const { doc } = state
  const faults = useMemo(() => problems(doc), [doc])
  const before = useMemo(() => JSON.stringify(close(open(base.ontology))), [base])
  const dirty = useMemo(() => JSON.stringify(close(doc)) !== before, [doc, before])
  const top = useRef<HTMLDivElement>(null)
  const marksThings = project.question.shapes.length > 0 || project.question.spans === true || doc.relations.length > 0

  const save = useMutation({
    meta: { shown: true },
    mutationFn: (over: number) => put<OntologyVersion>(`/api/projects/${project.id}/ontology`, { base: over, ontology: close(doc) }),
    onSuccess: async (saved) => {
      // Some servers answer with the number alone: what was sent is what was saved.
      const next: OntologyVersion = { ...base, ...saved, ontology: saved.ontology ?? close(doc) }
      client.setQueryData(q.ontology(project.id).queryKey, next)
      toast(`Saved as version ${next.version}.`, { tone: 'good' })
      onSaved(next)
      await Promise.all([client.invalidateQueries({ queryKey: ['project', project.id] }), client.invalidateQueries({ queryKey: ['projects'] })])
    },
  })
  const conflict = isApiError(save.error) && save.error.code === 'edited_meanwhile'
  const theirs = useMutation({ mutationFn: () => get<OntologyVersion>(`/api/projects/${project.id}/ontology`) })
  const { mutate: look } = theirs
  useEffect(() => {
    if (conflict) look()
  }, [conflict, look])

  const guard = useBlocker({ shouldBlockFn: () => dirty && !save.isSuccess, enableBeforeUnload: dirty, withResolver: true })
  const ready = dirty && faults.length === 0
  const onKey = (event: React.KeyboardEvent) => {
    const command = event.ctrlKey || event.metaKey
    if (command && event.code === 'KeyS') {
      event.preventDefault()
      if (ready) save.mutate(base.version)
    } else if (command && (event.code === 'KeyZ' || event.code === 'KeyY')) {
      event.preventDefault()
      act({ type: event.shiftKey || event.code === 'KeyY' ? 'redo' : 'undo' })
    }
  }
  const discard = () => {
    const kept = doc
    act({ type: 'load', doc: open(base.ontology) })
    save.reset()
    toast('Changes discarded.', { act: { label: 'Undo', run: () => act({ type: 'load', doc: kept }) } })
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears the shortcuts of what is inside
    <div className={css.column} onKeyDown={onKey} ref={top}>
      <div className={css.bar}>
        <Button look="primary" isDisabled={!ready} busy={save.isPending} onPress={() => save.mutate(base.version)}>Save</Button>
        <IconButton icon="undo" label="Undo" shortcut="Ctrl Z" isDisabled={state.past.length === 0} onPress={() => act({ type: 'undo' })} />
        <IconButton icon="redo" label="Redo" shortcut="Ctrl ⇧ Z" isDisabled={state.future.length === 0} onPress={() => act({ type: 'redo' })} />
        {dirty && <Button look="quiet" onPress={discard}>Discard</Button>}
        <span role="status">{faults.length > 0 ? `${faults.length} ${faults.length === 1 ? 'thing' : 'things'} to put right` : dirty ? 'Not saved yet' : `Version ${base.version}, saved`}</span>
      </div>
      {conflict
        ? (
          <Note tone="warn" live title="Somebody else saved the ontology meanwhile">
            {theirs.data && (
              <>
                <span>Theirs is version {theirs.data.version}. {difference(theirs.data, close(doc)).length === 0 ? 'Yours has everything that theirs has.' : 'It differs from yours:'}</span>
                <ul>{difference(theirs.data, close(doc)).slice(0, 8).map((line) => <li key={line}>{line}</li>)}</ul>
                <div className={css.foot}>
                  <Button size="small" onPress={() => theirs.data && save.mutate(theirs.data.version)}>Save mine after theirs</Button>
                  <Button size="small" onPress={() => { if (theirs.data) { save.reset(); onSaved(theirs.data) } }}>Take theirs, drop mine</Button>
                </div>
              </>
            )}
          </Note>
        )
        : <ErrorNote error={save.error} />}
      <div className={css.editor}>
        <div className={css.column}>
          <Classes doc={doc} problems={faults} act={act} hasSkeletons={project.question.shapes.includes('keypoints')} />
          <Attributes doc={doc} problems={faults} act={act} hasFrames={project.question.media === 'video'} />
          {marksThings && <Relations doc={doc} problems={faults} act={act} />}
        </div>
        <aside className={css.side} aria-label="Preview and versions">
          <Card title="As people see it"><Preview doc={doc} /></Card>
          <Versions project={project.id} latest={base.version} onTake={(version) => act({ type: 'load', doc: open(version.ontology) })} />
        </aside>
      </div>
      <LeaveGuard guard={guard} what="The ontology has changes that are not saved." />
    </div>
  )
}
