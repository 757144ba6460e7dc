import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { ErrorNote } from '../../ui/ErrorState'
import { TextArea } from '../../ui/Field'
import { number } from '../../ui/format'
import { toast } from '../../ui/toast'

const BATCH = 1_000
interface Made { created: number; repeated: number; errors: { row: number; field: string; code: string; message: string }[] }

/** The same text is the same item: its external id is made from what it says. */
async function idOf(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
  return `text-${[...digest.slice(0, 10)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`
}

/** A few texts by hand, one a line. */
export function TextsDialog({ project, onClose }: { project: string; onClose: () => void }) {
  const client = useQueryClient()
  const [text, setText] = useState('')
  const lines = [...new Set(text.split('\n').map((line) => line.trim()).filter(Boolean))]
  const add = useMutation({
    meta: { shown: true },
    mutationFn: async () => {
      const items = await Promise.all(lines.map(async (line) => ({ external_id: await idOf(line), text: line })))
      const all: Made = { created: 0, repeated: 0, errors: [] }
      for (let at = 0; at < items.length; at += BATCH) {
        const made = await post<Made>(`/api/projects/${project}/items`, { items: items.slice(at, at + BATCH) })
        all.created += made.created
        all.repeated += made.repeated
        all.errors.push(...made.errors)
      }
      return all
    },
    onSuccess: async (made) => {
      await Promise.all([client.invalidateQueries({ queryKey: ['items', project] }), client.invalidateQueries({ queryKey: ['progress', project] }), client.invalidateQueries({ queryKey: ['project', project] })])
      toast(`${number(made.created)} new${made.repeated > 0 ? `, ${number(made.repeated)} were there already` : ''}${made.errors.length > 0 ? `, ${number(made.errors.length)} refused` : ''}.`, { tone: made.errors.length > 0 ? 'bad' : 'good' })
      if (made.errors.length === 0) onClose()
    },
  })
  return (
    <Dialog
      title="Paste texts" wide open onClose={onClose} keep={text !== ''} onSubmit={() => add.mutate()}
      foot={<><Button onPress={onClose}>Cancel</Button><Button type="submit" look="primary" isDisabled={lines.length === 0} busy={add.isPending}>Add {number(lines.length)}</Button></>}
    >
      <TextArea label="One text a line" rows={12} autoFocus value={text} onChange={setText} help="The same text twice is one item." />
      <ErrorNote error={add.error} />
      {add.data && add.data.errors.length > 0 && <ul>{add.data.errors.slice(0, 10).map((error) => <li key={error.row}>Line {number(error.row + 1)}: {error.message}</li>)}</ul>}
    </Dialog>
  )
}
