import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client'
import { problemOf } from '../../api/errors'
import type { ImportRequest, Job } from '../../api/types'
import { Button } from '../../ui/Button'
import { Checkbox } from '../../ui/Choice'
import { Dialog } from '../../ui/Dialog'
import { ErrorNote } from '../../ui/ErrorState'
import { Field, PasswordField } from '../../ui/Field'
import { toast } from '../../ui/toast'
import css from './Data.module.css'

const empty = { bucket: '', prefix: '', endpoint: '', region: '', access_key_id: '', secret_access_key: '' }

/** Reads a bucket that speaks S3: by name, never by listing what is not asked for. */
export function S3Dialog({ project, onClose }: { project: string; onClose: () => void }) {
  const client = useQueryClient()
  const [s3, setS3] = useState(empty)
  const [dry, setDry] = useState(false)
  const start = useMutation({
    meta: { shown: true },
    mutationFn: () => post<Job>(`/api/projects/${project}/imports`, { source: 's3', s3, ...(dry ? { dry_run: true } : {}) } satisfies ImportRequest),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['jobs'] })
      toast('The import has begun.', { tone: 'good' })
      onClose()
    },
  })
  const field = (name: keyof typeof empty) => ({ value: s3[name], onChange: (value: string) => setS3({ ...s3, [name]: value.trim() }), problem: problemOf(start.error, `s3.${name}`), spellCheck: false, autoComplete: 'off' })
  return (
    <Dialog
      title="Import from a bucket" wide open onClose={onClose} keep onSubmit={() => start.mutate()}
      foot={<><Button onPress={onClose}>Cancel</Button><Button type="submit" look="primary" busy={start.isPending}>{dry ? 'Try' : 'Import'}</Button></>}
    >
      <div className={css.pair}>
        <Field label="Bucket" required autoFocus {...field('bucket')} />
        <Field label="Prefix" optional placeholder="images/2026/" {...field('prefix')} />
        <Field label="Endpoint" required type="url" placeholder="https://s3.eu-central-1.amazonaws.com" {...field('endpoint')} />
        <Field label="Region" required placeholder="eu-central-1" {...field('region')} />
        <Field label="Access key id" required {...field('access_key_id')} />
        <PasswordField label="Secret access key" required {...field('secret_access_key')} autoComplete="off" />
      </div>
      <p>The key needs to read and list only. It is used for this import and not kept.</p>
      <Checkbox label="Only try it" help="Lists and reads; keeps nothing." checked={dry} onChange={setDry} />
      <ErrorNote error={start.error} />
    </Dialog>
  )
}
