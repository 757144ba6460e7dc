import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { post } from '../../api/client'
import * as q from '../../api/queries'
import type { ImportRequest, Job } from '../../api/types'
import { Progress } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Radios } from '../../ui/Choice'
import { Dialog } from '../../ui/Dialog'
import { ErrorNote } from '../../ui/ErrorState'
import { bytes } from '../../ui/format'
import { layout } from '../../ui/Page'
import { Select } from '../../ui/Select'
import { toast } from '../../ui/toast'
import css from './Data.module.css'
import { bring } from './door'
import { Found } from './Found'
import { type Fate, readAs, readings, resultOf, told } from './found'
import { isMoving } from './JobList'

/** Sends a file over, shows what it holds and what becomes of it, and takes it when somebody says so. */
export function ImportDialog({ project, file: given, onClose }: { project: string; file: File | null; onClose: () => void }) {
  const client = useQueryClient()
  const [file, setFile] = useState(given)
  const [answers, setAnswers] = useState<'labels' | 'suggestions'>('labels')
  const [reading, setReading] = useState('auto')
  const [share, setShare] = useState(0)
  const [sent, setSent] = useState<{ upload: string; look: string } | null>(null)
  const [changed, setChanged] = useState<ReadonlyMap<string, Fate>>(new Map())
  const picker = useRef<HTMLInputElement>(null)
  const abort = useRef(new AbortController())
  const ontology = useQuery(q.ontology(project))
  const job = useQuery({ ...q.job(sent?.look ?? ''), enabled: sent !== null })

  const ask = (request: Omit<ImportRequest, 'source'>, as = reading) => post<Job>(`/api/projects/${project}/imports`, { ...readAs(as), answers, ...request } satisfies ImportRequest)
  const look = useMutation({
    meta: { shown: true },
    mutationFn: async (as: string) => {
      if (!file) throw new Error('Choose a file first.')
      abort.current = new AbortController()
      const upload = sent?.upload ?? (await bring(project, file, setShare, abort.current.signal))
      return { upload, look: (await ask({ upload, dry_run: true, extend: true }, as)).id }
    },
    onSuccess: (looked) => {
      setChanged(new Map())
      setSent(looked)
    },
  })

  const result = resultOf(job.data)
  const fates = new Map<string, Fate>(result?.found?.classes.map(({ name, to }) => [name, changed.get(name) ?? (to === null ? 'new' : { to })]))
  const take = useMutation({
    meta: { shown: true },
    mutationFn: () => ask({ upload: sent?.upload ?? '', ...(result?.found ? told(fates) : {}) }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['jobs'] })
      toast('The import has begun.', { tone: 'good' })
      onClose()
    },
  })
  const close = () => {
    abort.current.abort()
    if (sent && job.data && isMoving(job.data)) void post(`/api/jobs/${sent.look}/cancel`).catch(() => {}) // A look that goes on keeps nothing.
    onClose()
  }
  const readOtherwise = (as: string) => {
    setReading(as)
    look.mutate(as)
  }
  const again = () => {
    setSent(null)
    setReading('auto')
    setChanged(new Map())
    setShare(0)
    look.reset()
  }
  const looking = look.isPending || (sent !== null && (job.data === undefined || isMoving(job.data)))
  const failed = job.data?.state === 'failed' || job.data?.state === 'canceled'
  const nothing = result !== null && result.created + result.answered + (result.opinions ?? 0) === 0
  return (
    <Dialog
      title="Import a file" open onClose={close} keep={looking || result !== null} wide={result !== null} onSubmit={() => (result ? take.mutate() : look.mutate(reading))}
      foot={
        <>
          {(result !== null || failed) && <Button onPress={again}>Another file</Button>}
          <Button onPress={close}>Cancel</Button>
          {result === null
            ? <Button type="submit" look="primary" isDisabled={!file || failed} busy={looking}>Look inside</Button>
            : <Button type="submit" look="primary" isDisabled={nothing} busy={take.isPending}>Import</Button>}
        </>
      }
    >
      {result === null && (
        <>
          <div className={layout.row}>
            <Button icon="upload" isDisabled={looking} onPress={() => picker.current?.click()}>{file ? 'Choose another' : 'Choose a file'}</Button>
            {file ? <span><b dir="auto">{file.name}</b> <span className={layout.quiet}>{bytes(file.size)}</span></span> : <span className={layout.quiet}>A manifest, a release, or another tool’s export: the format is recognised.</span>}
            <input
              ref={picker} className={css.hidden} type="file" tabIndex={-1} aria-label="File to import"
              onChange={(event) => {
                again()
                setFile(event.target.files?.[0] ?? null)
              }}
            />
          </div>
          <p className={layout.quiet}>Pictures and videos may come in the same archive (ZIP or TAR), or be in the project already. Nothing is kept before you have seen what is inside.</p>
        </>
      )}
      {!looking && !failed && (
        <Radios
          label="Answers in the file are" value={answers} onChange={setAnswers}
          options={[
            { value: 'labels', label: 'Labels', help: 'Their tasks are done.' },
            { value: 'suggestions', label: 'Suggestions', help: 'People begin with them, and may change everything.' },
          ]}
        />
      )}
      {look.isPending && !sent && <Progress label="Sending the file" total={1} parts={[{ label: 'Sent', value: share, tone: 'accent' }]} />}
      {sent && looking && <Progress label="Looking inside" total={job.data?.state === 'running' ? job.data.total : null} parts={[{ label: 'Looked at', value: job.data?.done ?? 0, tone: 'accent' }]} />}
      {failed && <p role="alert" className={css.bad}>{job.data?.message ?? 'The file could not be read.'}</p>}
      {(result !== null || failed) && !looking && <Select label="Read as" value={reading} options={readings} onChange={readOtherwise} />}
      {result && sent && <Found job={sent.look} result={result} classes={ontology.data?.ontology.classes ?? []} fates={fates} onFate={(name, fate) => setChanged(new Map(changed).set(name, fate))} />}
      {nothing && <p className={layout.quiet}>There is nothing in this file that the project does not have, or that can be taken.</p>}
      <ErrorNote error={look.error ?? job.error ?? take.error} />
    </Dialog>
  )
}
