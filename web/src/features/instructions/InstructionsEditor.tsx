import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useBlocker } from '@tanstack/react-router'
import { type ClipboardEvent, type DragEvent, type KeyboardEvent, useDeferredValue, useMemo, useRef, useState } from 'react'
import { get, put as putCall, request } from '../../api/client'
import { isApiError } from '../../api/errors'
import * as q from '../../api/queries'
import type { Instructions, PictureAddress, Project } from '../../api/types'
import { Badge, EmptyState, Note } from '../../ui/Bits'
import { Button, IconButton } from '../../ui/Button'
import { Segments } from '../../ui/Choice'
import { Dialog } from '../../ui/Dialog'
import { ErrorNote } from '../../ui/ErrorState'
import { number } from '../../ui/format'
import { Menu, MenuItem } from '../../ui/Menu'
import { toast } from '../../ui/toast'
import { LeaveGuard } from '../shell/LeaveGuard'
import css from './Instructions.module.css'
import { block, type Marked, prefix, put, wrap } from './insert'
import { Markdown } from './Markdown'
import { parse, plainText } from './markdown'
import { OldInstructions } from './OldInstructions'

const PICTURE_BYTES_MAX = 20 * 1024 * 1024

/** Instructions side by side with how people read them. */
export function InstructionsEditor({ project, base, onSaved }: { project: Project; base: Instructions; onSaved: (next: Instructions) => void }) {
  const client = useQueryClient()
  const [text, setText] = useState(base.markdown)
  const [view, setView] = useState<'write' | 'read'>('write')
  const [over, setOver] = useState(false)
  const [old, setOld] = useState<number | null>(null)
  const area = useRef<HTMLTextAreaElement>(null)
  const picker = useRef<HTMLInputElement>(null)
  const shown = useDeferredValue(text)
  const clauses = useMemo(() => parse(shown).flatMap((each) => (each.type === 'heading' ? [{ id: each.id, title: plainText(each.children) }] : [])), [shown])
  const dirty = text !== base.markdown

  const save = useMutation({
    meta: { shown: true },
    mutationFn: (over: number) => putCall<Instructions>(`/api/projects/${project.id}/instructions`, { base: over, markdown: text }),
    onSuccess: async (saved) => {
      const next: Instructions = { ...base, ...saved, markdown: saved.markdown ?? text }
      client.setQueryData(q.instructions(project.id).queryKey, next)
      toast(`Saved as version ${next.version}.`, { tone: 'good' })
      onSaved(next)
      await client.invalidateQueries({ queryKey: ['project', project.id] })
    },
  })
  const conflict = isApiError(save.error) && save.error.code === 'edited_meanwhile'
  const theirs = useMutation({ mutationFn: () => get<Instructions>(`/api/projects/${project.id}/instructions`) })
  const guard = useBlocker({ shouldBlockFn: () => dirty && !save.isSuccess, enableBeforeUnload: dirty, withResolver: true })

  /** Goes through the browser's own editing, so that its undo knows of it. */
  const edit = (change: (now: Marked) => Marked) => {
    const element = area.current
    if (!element) return
    const next = change({ text: element.value, from: element.selectionStart, to: element.selectionEnd })
    element.focus()
    element.select()
    if (!document.execCommand('insertText', false, next.text)) setText(next.text)
    requestAnimationFrame(() => element.setSelectionRange(next.from, next.to))
  }
  const upload = useMutation({
    mutationFn: async (files: readonly File[]) => {
      for (const file of files) {
        if (file.size > PICTURE_BYTES_MAX) throw new Error(`${file.name} is larger than 20 MB.`)
        const picture = await request<PictureAddress>('POST', `/api/projects/${project.id}/pictures`, { raw: file, headers: { 'content-type': file.type || 'application/octet-stream' } })
        const alt = file.name.replace(/\.[^.]+$/, '').replace(/[[\]\\]/g, ' ')
        edit((now) => put(now, `![${alt}](${picture.url})\n`))
      }
    },
  })
  const pictures = (list: FileList | null) => [...(list ?? [])].filter((file) => file.type.startsWith('image/'))
  const drop = (event: DragEvent) => {
    const files = pictures(event.dataTransfer.files)
    setOver(false)
    if (files.length === 0) return
    event.preventDefault()
    upload.mutate(files)
  }
  const paste = (event: ClipboardEvent) => {
    const files = pictures(event.clipboardData.files)
    if (files.length === 0) return
    event.preventDefault()
    upload.mutate(files)
  }
  const onKey = (event: KeyboardEvent) => {
    if (!event.ctrlKey && !event.metaKey) return
    if (event.code === 'KeyS') {
      if (dirty) save.mutate(base.version)
    } else if (event.code === 'KeyB') edit((now) => wrap(now, '**', 'important'))
    else if (event.code === 'KeyI') edit((now) => wrap(now, '*', 'word'))
    else return
    event.preventDefault()
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only hears the shortcuts of what is inside
    <div className={css.column} onKeyDown={onKey}>
      <div className={css.bar} role="toolbar" aria-label="Editing">
        <Button look="primary" isDisabled={!dirty} busy={save.isPending} onPress={() => save.mutate(base.version)}>Save</Button>
        <div className={css.rule} aria-hidden="true" />
        <Button look="quiet" size="small" onPress={() => edit((now) => prefix(now, '## '))} aria-label="Heading">H</Button>
        <Button look="quiet" size="small" onPress={() => edit((now) => wrap(now, '**', 'important'))} aria-label="Strong"><b>B</b></Button>
        <Button look="quiet" size="small" onPress={() => edit((now) => wrap(now, '*', 'word'))} aria-label="Emphasis"><i>I</i></Button>
        <IconButton size="small" icon="list" label="List" onPress={() => edit((now) => prefix(now, '- '))} />
        <IconButton size="small" icon="image" label="Picture" busy={upload.isPending} onPress={() => picker.current?.click()} />
        <Button size="small" look="quiet" icon="check" onPress={() => edit((now) => block(now, '::: good', ':::', 'What a good answer looks like.'))}>Good example</Button>
        <Button size="small" look="quiet" icon="x" onPress={() => edit((now) => block(now, '::: bad', ':::', 'What a bad answer looks like, and why.'))}>Bad example</Button>
        {base.version > 1 && (
          <Menu label="Versions" trigger={<IconButton icon="history" size="small" label="Versions" />}>
            {Array.from({ length: Math.min(20, base.version) }, (_, index) => base.version - index).map((version) => (
              <MenuItem key={version} selected={version === base.version} onAction={() => setOld(version)} text={`Version ${version}`}>Version {version}</MenuItem>
            ))}
          </Menu>
        )}
        <div className={css.toggle}><Segments label="View" value={view} onChange={setView} options={[{ value: 'write', label: 'Write' }, { value: 'read', label: 'Read' }]} /></div>
        <span role="status">{dirty ? 'Not saved yet' : base.version > 0 ? `Version ${base.version}, saved` : ''}</span>
        <input ref={picker} className={css.hidden} type="file" accept="image/*" multiple tabIndex={-1} aria-label="Picture" onChange={(event) => { upload.mutate(pictures(event.target.files)); event.target.value = '' }} />
      </div>
      {conflict
        ? (
          <Note tone="warn" live title="Somebody else saved the instructions meanwhile">
            {theirs.data ? (
              <div className={css.clauses}>
                <Button size="small" onPress={() => theirs.data && save.mutate(theirs.data.version)}>Save mine as version {theirs.data.version + 1}</Button>
                <Button size="small" onPress={() => { if (theirs.data) { save.reset(); onSaved(theirs.data) } }}>Take theirs, drop mine</Button>
              </div>
            ) : <div><Button size="small" busy={theirs.isPending} onPress={() => theirs.mutate()}>See theirs</Button></div>}
            {theirs.data && <Dialog title={`Version ${theirs.data.version}, theirs`} wide open={old === -1} onClose={() => setOld(null)}><Markdown text={theirs.data.markdown} /></Dialog>}
            {theirs.data && <div><Button size="small" look="quiet" onPress={() => setOld(-1)}>Read theirs</Button></div>}
          </Note>
        )
        : <ErrorNote error={save.error} />}
      <div className={css.split} data-view={view}>
        <div className={css.pane} data-over={over ? '' : undefined}>
          <h2><label htmlFor="instructions">Markdown</label><span>{number(text.length)} characters</span></h2>
          <textarea
            id="instructions" ref={area} className={css.text} dir="auto" value={text} spellCheck placeholder={'# What to do\n\nSay what is asked, what is in and what is out.\n\n## Clause\n\nReviewers cite headings when they send an answer back.'}
            onChange={(event) => setText(event.target.value)} onPaste={paste} onDrop={drop}
            onDragOver={(event) => { if (event.dataTransfer.types.includes('Files')) { event.preventDefault(); setOver(true) } }} onDragLeave={() => setOver(false)}
          />
        </div>
        <div className={css.pane}>
          <h2>As people read it</h2>
          <div className={css.doc}>{shown.trim() ? <Markdown text={shown} /> : <EmptyState icon="book" title="Nothing to read yet">It appears here as you write. Drop pictures into the text.</EmptyState>}</div>
        </div>
      </div>
      {clauses.length > 0 && (
        <div className={css.clauses} role="group" aria-label="Clauses that reviewers can cite">
          <span>Clauses:</span>{clauses.map((clause) => <Badge key={clause.id} bare>{clause.title}</Badge>)}
        </div>
      )}
      {old !== null && old > 0 && (
        <OldInstructions
          project={project.id} version={old} onClose={() => setOld(null)}
          onTake={(markdown) => {
            edit(() => ({ text: markdown, from: 0, to: 0 }))
            setOld(null)
          }}
        />
      )}
      <LeaveGuard guard={guard} what="The instructions have changes that are not saved." />
    </div>
  )
}
