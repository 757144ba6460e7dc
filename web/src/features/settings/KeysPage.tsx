import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { del, post } from '../../api/client'
import { problemOf } from '../../api/errors'
import * as q from '../../api/queries'
import type { KeyMode, KeyRole, KeyRow } from '../../api/types'
import { Badge, CopyRow, EmptyState, Note, SkeletonRows } from '../../ui/Bits'
import { Button, IconButton } from '../../ui/Button'
import { Segments } from '../../ui/Choice'
import { Confirm, Dialog } from '../../ui/Dialog'
import { ErrorNote, ErrorState } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { ago, date, dateTime } from '../../ui/format'
import { Table } from '../../ui/Grid'
import { layout, Page } from '../../ui/Page'
import { Select } from '../../ui/Select'
import { toast } from '../../ui/toast'
import { roleHelp, roleNames, useSession } from '../session'

const roles = (['manager', 'reviewer', 'contributor', 'viewer'] as const).map((role) => ({ value: role, label: roleNames[role], help: roleHelp[role] }))

/** Keys for programs. A secret is shown once, when it is made. */
export function KeysPage() {
  const session = useSession()
  const client = useQueryClient()
  const keys = useQuery({ ...q.keys, enabled: session.role === 'owner' })
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<KeyRow | null>(null)
  const revoke = useMutation({
    mutationFn: (key: KeyRow) => del(`/api/keys/${key.id}`),
    onSuccess: async (_, key) => {
      await client.invalidateQueries({ queryKey: ['keys'] })
      toast(`${key.name} no longer opens anything.`)
    },
  })
  const make = <Button look="primary" icon="plus" onPress={() => setMaking(true)}>New key</Button>
  if (session.role !== 'owner') return <Page title="API keys"><EmptyState icon="key" title="Only owners make keys" /></Page>
  return (
    <Page title="API keys" lede="For programs that import, export or label. A key has a role, like a person." acts={keys.data && keys.data.items.length > 0 && make}>
      {keys.isPending ? <SkeletonRows rows={3} />
        : keys.isError ? <ErrorState error={keys.error} retry={() => void keys.refetch()} />
        : keys.data.items.length === 0 ? <EmptyState icon="key" title="No keys" acts={make}>The interface is described at <a href="/api/openapi.json">/api/openapi.json</a>.</EmptyState>
        : (
          <Table
            label="API keys" rows={keys.data.items} rowKey={(key) => key.id}
            columns={[
              { key: 'name', title: 'Name', cell: (key) => <><strong dir="auto">{key.name}</strong><br /><code className={layout.quiet}>{key.hint}</code></> },
              { key: 'mode', title: 'Mode', cell: (key) => <Badge tone={key.mode === 'live' ? 'good' : 'plain'}>{key.mode}</Badge> },
              { key: 'role', title: 'Role', cell: (key) => roleNames[key.role] },
              { key: 'made', title: 'Made', cell: (key) => date(key.created_at) },
              { key: 'used', title: 'Last used', cell: (key) => (key.used_at ? <time dateTime={key.used_at} title={dateTime(key.used_at)}>{ago(key.used_at)}</time> : 'never') },
              { key: 'acts', title: <span className="sr">Acts</span>, end: true, cell: (key) => <IconButton icon="trash" label={`Revoke ${key.name}`} onPress={() => setEnding(key)} /> },
            ]}
          />
        )}
      {making && <NewKey onClose={() => setMaking(false)} />}
      <Confirm title={`Revoke ${ending?.name ?? ''}?`} act="Revoke" open={ending !== null} onClose={() => setEnding(null)} onConfirm={() => (ending ? revoke.mutateAsync(ending) : null)}>
        <p>Programs that use it are refused from this moment on. It cannot be brought back.</p>
      </Confirm>
    </Page>
  )
}

function NewKey({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [mode, setMode] = useState<KeyMode>('live')
  const [role, setRole] = useState<KeyRole>('manager')
  const make = useMutation({
    meta: { shown: true },
    mutationFn: () => post<KeyRow>('/api/keys', { name: name.trim(), mode, role }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['keys'] }),
  })
  if (make.data?.secret) {
    return (
      <Dialog title={make.data.name} open onClose={onClose} keep foot={<Button look="primary" onPress={onClose}>I have it</Button>}>
        <Note tone="warn" live title="Copy the key now">It is kept here only as a hash, so nobody can show it again.</Note>
        <CopyRow text={make.data.secret} label="API key" />
      </Dialog>
    )
  }
  return (
    <Dialog
      title="New key" open onClose={onClose} onSubmit={() => make.mutate()}
      foot={<><Button onPress={onClose}>Cancel</Button><Button type="submit" look="primary" busy={make.isPending}>Make the key</Button></>}
    >
      <Field label="Name" required autoFocus maxLength={200} value={name} onChange={setName} placeholder="Nightly import" help="Where it is used, so that you know what stops when you revoke it." problem={problemOf(make.error, 'name')} />
      <Select label="Role" value={role} options={roles} onChange={setRole} />
      <div><Segments label="Mode" value={mode} onChange={setMode} options={[{ value: 'live', label: 'Live' }, { value: 'test', label: 'Test' }]} /></div>
      <ErrorNote error={make.error} />
    </Dialog>
  )
}
