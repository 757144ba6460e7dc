import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { post } from '../../api/client'
import type { ImportRequest, Job } from '../../api/types'
import { Progress } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Checkbox, Radios } from '../../ui/Choice'
import { Dialog } from '../../ui/Dialog'
import { ErrorNote } from '../../ui/ErrorState'
import { bytes } from '../../ui/format'
import { layout } from '../../ui/Page'
import { Select } from '../../ui/Select'
import { toast } from '../../ui/toast'
import css from './Data.module.css'
import { bring } from './door'

type Source = Exclude<ImportRequest['source'], 's3'>

const sources: { value: Source; label: string; help: string }[] = [
  { value: 'manifest', label: 'Manifest', help: 'JSONL or CSV, an item a row' },
  { value: 'native', label: 'Fairmark export', help: 'Items with their answers' },
  { value: 'coco', label: 'COCO', help: 'Boxes and outlines for items by file name' },
  { value: 'voc', label: 'Pascal VOC', help: 'A zip of XML files' },
]

const guess = (file: File | null): Source => (file && /native/i.test(file.name) ? 'native' : file && /coco|instances/i.test(file.name) ? 'coco' : file && /\.zip$/i.test(file.name) ? 'voc' : 'manifest')

/** Sends a file over and starts its import. */
export function ImportDialog({ project, file: given, onClose }: { project: string; file: File | null; onClose: () => void }) {
  const client = useQueryClient()
  const [file, setFile] = useState(given)
  const [source, setSource] = useState<Source>(guess(given))
  const [answers, setAnswers] = useState<'labels' | 'suggestions'>('labels')
  const [dry, setDry] = useState(false)
  const [share, setShare] = useState(0)
  const picker = useRef<HTMLInputElement>(null)
  const abort = useRef(new AbortController())

  const start = useMutation({
    meta: { shown: true },
    mutationFn: async () => {
      if (!file) throw new Error('Choose a file first.')
      abort.current = new AbortController()
      const upload = await bring(project, file, setShare, abort.current.signal)
      return post<Job>(`/api/projects/${project}/imports`, { source, upload, answers, ...(dry ? { dry_run: true } : {}) } satisfies ImportRequest)
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['jobs'] })
      toast(dry ? 'The try has begun; nothing will be kept.' : 'The import has begun.', { tone: 'good' })
      onClose()
    },
  })
  const close = () => {
    abort.current.abort()
    onClose()
  }
  return (
    <Dialog
      title="Import a file" open onClose={close} keep={start.isPending} onSubmit={() => start.mutate()}
      foot={<><Button onPress={close}>Cancel</Button><Button type="submit" look="primary" isDisabled={!file} busy={start.isPending}>{dry ? 'Try' : 'Import'}</Button></>}
    >
      <div className={layout.row}>
        <Button icon="upload" onPress={() => picker.current?.click()}>{file ? 'Choose another' : 'Choose a file'}</Button>
        {file ? <span><b dir="auto">{file.name}</b> <span className={layout.quiet}>{bytes(file.size)}</span></span> : <span className={layout.quiet}>.jsonl, .csv, .json or .zip</span>}
        <input
          ref={picker} className={css.hidden} type="file" tabIndex={-1} accept=".jsonl,.ndjson,.csv,.json,.zip" aria-label="File to import"
          onChange={(event) => {
            const next = event.target.files?.[0] ?? null
            setFile(next)
            setSource(guess(next))
          }}
        />
      </div>
      <Select label="What it is" value={source} options={sources} onChange={setSource} />
      <Radios
        label="Answers in the file are" value={answers} onChange={setAnswers}
        options={[
          { value: 'labels', label: 'Labels', help: 'Their tasks are done.' },
          { value: 'suggestions', label: 'Suggestions', help: 'People begin with them, and may change everything.' },
        ]}
      />
      <Checkbox label="Only try it" help="Reads everything and reports every error; keeps nothing." checked={dry} onChange={setDry} />
      {start.isPending && <Progress label="Sending the file" total={1} parts={[{ label: 'Sent', value: share, tone: 'accent' }]} />}
      <ErrorNote error={start.error} />
    </Dialog>
  )
}
