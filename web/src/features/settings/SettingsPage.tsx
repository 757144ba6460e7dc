import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState, useSyncExternalStore } from 'react'
import { del, put } from '../../api/client'
import { problemOf } from '../../api/errors'
import * as q from '../../api/queries'
import type { SessionRow } from '../../api/types'
import { Badge, SkeletonRows } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Segments } from '../../ui/Choice'
import { ErrorNote, ErrorState } from '../../ui/ErrorState'
import { PasswordField } from '../../ui/Field'
import { ago, dateTime, device } from '../../ui/format'
import { Table } from '../../ui/Grid'
import { Card, layout, Page } from '../../ui/Page'
import { themeStore } from '../../ui/theme'
import { toast } from '../../ui/toast'
import { PASSWORD_MIN, passwordProblem } from '../entry/EntryFrame'
import { useSession } from '../session'
import { Destroy } from './Destroy'
import { OrganizationCard } from './OrganizationCard'

export function SettingsPage() {
  const session = useSession()
  const theme = useSyncExternalStore(themeStore.subscribe, themeStore.get)
  const setup = useQuery(q.setup)
  return (
    <Page title="Settings" width="narrow">
      <OrganizationCard />
      <Card title="Appearance">
        <div><Segments label="Theme" value={theme} onChange={themeStore.set} options={[{ value: 'system', label: 'As the system' }, { value: 'light', label: 'Light' }, { value: 'dark', label: 'Dark' }]} /></div>
        <p className={layout.quiet}>On this device only.</p>
      </Card>
      <Card title="Account">
        <p><strong dir="auto">{session.person.name}</strong> · {session.person.email}{session.person.operator && <> · <Badge bare>Operator</Badge></>}</p>
      </Card>
      <Password />
      <Sessions />
      {session.role === 'owner' && session.organization && <Destroy name={session.organization.name} />}
      {setup.data && <p className={layout.quiet}>Fairmark {setup.data.version}</p>}
    </Page>
  )
}

function Password() {
  const client = useQueryClient()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const change = useMutation({
    meta: { shown: true },
    mutationFn: () => put('/api/password', { current, new: next }),
    onSuccess: async () => {
      setCurrent('')
      setNext('')
      await client.invalidateQueries({ queryKey: ['sessions'] })
      toast('The password is changed; your other sessions have ended.', { tone: 'good' })
    },
  })
  return (
    <Card title="Password">
      <form className={layout.form} onSubmit={(event) => { event.preventDefault(); change.mutate() }}>
        <PasswordField label="Present password" required autoComplete="current-password" value={current} onChange={setCurrent} problem={problemOf(change.error, 'current')} />
        <PasswordField label="New password" required minLength={PASSWORD_MIN} autoComplete="new-password" value={next} onChange={setNext} help={`At least ${PASSWORD_MIN} characters; a few words do well.`} problem={problemOf(change.error, 'new') ?? passwordProblem(next)} />
        <ErrorNote error={change.error} />
        <div><Button type="submit" busy={change.isPending} isDisabled={!current || !next}>Change the password</Button></div>
      </form>
    </Card>
  )
}

function Sessions() {
  const client = useQueryClient()
  const sessions = useQuery(q.sessions)
  const end = useMutation({
    mutationFn: (row: SessionRow) => del(`/api/sessions/${row.id}`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  })
  return (
    <Card title="Where you are signed in">
      {sessions.isPending ? <SkeletonRows rows={2} />
        : sessions.isError ? <ErrorState error={sessions.error} retry={() => void sessions.refetch()} />
        : (
          <Table
            label="Sessions" rows={sessions.data.items} rowKey={(row) => row.id}
            columns={[
              { key: 'device', title: 'Device', cell: (row) => <><strong title={row.device}>{device(row.device) || 'Unknown device'}</strong>{row.current && <> <Badge tone="accent" bare>this one</Badge></>}</> },
              { key: 'seen', title: 'Last seen', cell: (row) => <time dateTime={row.seen_at} title={dateTime(row.seen_at)}>{ago(row.seen_at)}</time> },
              { key: 'since', title: 'Since', cell: (row) => dateTime(row.created_at) },
              { key: 'acts', title: <span className="sr">Acts</span>, end: true, cell: (row) => !row.current && <Button size="small" busy={end.isPending && end.variables.id === row.id} onPress={() => end.mutate(row)}>End it<span className="sr">: {device(row.device)}</span></Button> },
            ]}
          />
        )}
    </Card>
  )
}
