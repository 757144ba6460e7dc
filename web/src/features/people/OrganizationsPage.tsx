import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client'
import { problemOf } from '../../api/errors'
import * as q from '../../api/queries'
import type { Organization } from '../../api/types'
import { Badge, EmptyState, SkeletonRows } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { ErrorNote, ErrorState } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { date } from '../../ui/format'
import { Table } from '../../ui/Grid'
import { Page, Section } from '../../ui/Page'
import { toast } from '../../ui/toast'
import { InvitationLink } from './InvitationLink'

export function OrganizationsPage() {
  return (
    <Page title="Organizations" lede="Every organization has a store of its own. As operator you make them; you read none of their data.">
      <OrganizationList />
    </Page>
  )
}

export function OrganizationList() {
  const list = useQuery(q.organizations)
  const [making, setMaking] = useState(false)
  const make = <Button look="primary" icon="plus" onPress={() => setMaking(true)}>New organization</Button>
  return (
    <Section title="On this installation" acts={make}>
      {list.isPending ? <SkeletonRows rows={3} />
        : list.isError ? <ErrorState error={list.error} retry={() => void list.refetch()} />
        : list.data.items.length === 0 ? <EmptyState icon="building" title="No organization yet" acts={make} />
        : (
          <Table
            label="Organizations" rows={list.data.items} rowKey={(row) => row.id}
            columns={[
              { key: 'name', title: 'Name', cell: (row) => <strong dir="auto">{row.name}</strong> },
              { key: 'state', title: 'State', cell: (row) => <Badge tone={row.state === 'active' ? 'good' : 'plain'}>{row.state}</Badge> },
              { key: 'made', title: 'Made', cell: (row) => date(row.created_at) },
            ]}
          />
        )}
      <NewOrganization open={making} onClose={() => setMaking(false)} />
    </Section>
  )
}

function NewOrganization({ open, onClose }: { open: boolean; onClose: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [owner, setOwner] = useState('')
  const make = useMutation({
    meta: { shown: true },
    mutationFn: () => post<Organization>('/api/organizations', { name: name.trim(), ...(owner.trim() ? { owner: owner.trim() } : {}) }),
    onSuccess: async (made) => {
      await Promise.all([client.invalidateQueries({ queryKey: ['organizations'] }), client.invalidateQueries({ queryKey: ['session'] })])
      toast(`${made.name} is ready.`, { tone: 'good' })
      if (!made.invitation) close()
    },
  })
  const close = () => {
    setName('')
    setOwner('')
    make.reset()
    onClose()
  }
  if (make.data?.invitation) {
    return (
      <Dialog title={make.data.name} open={open} onClose={close} keep foot={<Button look="primary" onPress={close}>Done</Button>}>
        <InvitationLink invitation={make.data.invitation} />
      </Dialog>
    )
  }
  return (
    <Dialog
      title="New organization" open={open} onClose={close} onSubmit={() => make.mutate()}
      foot={<><Button onPress={close}>Cancel</Button><Button type="submit" look="primary" busy={make.isPending}>Make it</Button></>}
    >
      <Field label="Name" required autoFocus maxLength={200} value={name} onChange={setName} problem={problemOf(make.error, 'name')} />
      <Field label="E-mail of its owner" type="email" optional autoComplete="off" value={owner} onChange={setOwner} help="They are invited. Left empty, you own it yourself." problem={problemOf(make.error, 'owner')} />
      <ErrorNote error={make.error} />
    </Dialog>
  )
}
