import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { post, request, setOrganization } from '../../api/client'
import { problemOf } from '../../api/errors'
import type { Destruction } from '../../api/types'
import { Note } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { ErrorNote } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { time } from '../../ui/format'
import { Card } from '../../ui/Page'
import { toast } from '../../ui/toast'

/** Two steps, the name typed in both: what is destroyed here is destroyed in every backup too. */
export function Destroy({ name }: { name: string }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [open, setOpen] = useState(false)
  const [typed, setTyped] = useState('')
  const ask = useMutation({ meta: { shown: true }, mutationFn: () => post<Destruction>('/api/organization/destruction', { name: typed }), onSuccess: () => setTyped('') })
  const destroy = useMutation({
    meta: { shown: true },
    mutationFn: () => request('DELETE', '/api/organization', { body: { name: typed, confirmation: ask.data?.confirmation } }),
    onSuccess: async () => {
      setOrganization(null)
      client.clear()
      toast(`${name} is destroyed.`)
      await navigate({ to: '/' })
    },
  })
  const close = () => {
    setOpen(false)
    setTyped('')
    ask.reset()
    destroy.reset()
  }
  const second = ask.isSuccess
  return (
    <Card title="Destroy this organization" acts={<Button size="small" onPress={() => setOpen(true)}>Destroy…</Button>}>
      <p>Its keys go, and with them its projects, data, answers and releases, here and in every backup.</p>
      <Dialog
        title={second ? 'The second step' : `Destroy ${name}?`} role="alertdialog" open={open} onClose={close} keep
        onSubmit={() => (second ? destroy.mutate() : ask.mutate())}
        foot={
          <>
            <Button onPress={close}>Cancel</Button>
            <Button type="submit" look="danger" isDisabled={typed.trim() !== name} busy={ask.isPending || destroy.isPending}>{second ? 'Destroy it now' : 'Go on'}</Button>
          </>
        }
      >
        {second
          ? <Note tone="bad" live title="Nothing is destroyed yet">Type the name once more before {time(ask.data.expires_at)}. There is no way back after that.</Note>
          : <p>Make a release of what you want to keep first. This takes two steps.</p>}
        <Field label={`Type “${name}”`} required autoFocus autoComplete="off" value={typed} onChange={setTyped} problem={problemOf(second ? destroy.error : ask.error, 'name')} />
        <ErrorNote error={second ? destroy.error : ask.error} />
      </Dialog>
    </Card>
  )
}
