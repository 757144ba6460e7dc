import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { del, patch } from '../../api/client'
import * as q from '../../api/queries'
import type { Invitation, Member, Role } from '../../api/types'
import { Badge, EmptyState, SkeletonRows } from '../../ui/Bits'
import { Button, IconButton } from '../../ui/Button'
import { Confirm } from '../../ui/Dialog'
import { ErrorState } from '../../ui/ErrorState'
import { ago, date, dateTime } from '../../ui/format'
import { Table } from '../../ui/Grid'
import { layout, Page, Section } from '../../ui/Page'
import { Select } from '../../ui/Select'
import { toast } from '../../ui/toast'
import { atLeast, canManage, roleHelp, roleNames, useSession } from '../session'
import { InviteDialog } from './InviteDialog'

/** Nobody gives a role above their own. */
export const rolesUpTo = (own: Role | null) =>
  (Object.keys(roleNames) as Role[]).filter((role) => atLeast(own, role)).map((role) => ({ value: role, label: roleNames[role], help: roleHelp[role] }))

export function MembersPage() {
  const session = useSession()
  const [inviting, setInviting] = useState(false)
  if (!canManage(session)) return <Page title="Members"><EmptyState icon="people" title="Only managers see the members" /></Page>
  return (
    <Page title="Members" lede="Who works in this organization, and as what." acts={<Button look="primary" icon="plus" onPress={() => setInviting(true)}>Invite</Button>}>
      <MemberList />
      <Invitations />
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </Page>
  )
}

function MemberList() {
  const session = useSession()
  const client = useQueryClient()
  const members = useQuery(q.members)
  const [leaving, setLeaving] = useState<Member | null>(null)
  const again = () => client.invalidateQueries({ queryKey: ['members'] })
  const change = useMutation({
    mutationFn: ({ member, role }: { member: Member; role: Role }) => patch(`/api/members/${member.person}`, { role }),
    onSuccess: async (_, { member, role }) => {
      await again()
      toast(`${member.name} is ${roleNames[role].toLowerCase()} now.`, { tone: 'good', act: { label: 'Undo', run: () => change.mutate({ member, role: member.role }) } })
    },
    onError: again,
  })
  const remove = useMutation({
    mutationFn: (member: Member) => del(`/api/members/${member.person}`),
    onSuccess: async (_, member) => {
      await again()
      toast(`${member.name} has left.`)
    },
  })
  if (members.isPending) return <SkeletonRows rows={4} />
  if (members.isError) return <ErrorState error={members.error} retry={() => void members.refetch()} />
  const roles = rolesUpTo(session.role)
  const own = (member: Member) => member.person === session.person.id
  return (
    <>
      <Table
        label="Members" rows={members.data.items} rowKey={(member) => member.person}
        columns={[
          { key: 'name', title: 'Name', cell: (member) => <><strong dir="auto">{member.name}</strong>{own(member) && <> <Badge tone="accent" bare>you</Badge></>}<br /><span className={layout.quiet}>{member.email}</span></> },
          {
            key: 'role', title: 'Role',
            cell: (member) => own(member) || !atLeast(session.role, member.role)
              ? roleNames[member.role]
              : <Select label={`Role of ${member.name}`} hideLabel value={member.role} options={roles} onChange={(role) => role !== member.role && change.mutate({ member, role })} />,
          },
          { key: 'joined', title: 'Joined', cell: (member) => <time dateTime={member.joined_at} title={dateTime(member.joined_at)}>{date(member.joined_at)}</time> },
          { key: 'acts', title: <span className="sr">Acts</span>, end: true, cell: (member) => !own(member) && atLeast(session.role, member.role) && <IconButton icon="trash" label={`Remove ${member.name}`} onPress={() => setLeaving(member)} /> },
        ]}
      />
      <Confirm title={`Remove ${leaving?.name ?? ''}?`} act="Remove" open={leaving !== null} onClose={() => setLeaving(null)} onConfirm={() => (leaving ? remove.mutateAsync(leaving) : null)}>
        <p>Their sessions in this organization end at once. What they have done stays, under their name. They can be invited again.</p>
      </Confirm>
    </>
  )
}

function Invitations() {
  const client = useQueryClient()
  const list = useQuery(q.invitations)
  const revoke = useMutation({
    mutationFn: (invitation: Invitation) => del(`/api/invitations/${invitation.id}`),
    onSuccess: async (_, invitation) => {
      await client.invalidateQueries({ queryKey: ['invitations'] })
      toast(`The invitation of ${invitation.email} is withdrawn.`)
    },
  })
  if (list.isPending) return null
  if (list.isError) return <ErrorState error={list.error} retry={() => void list.refetch()} />
  if (list.data.items.length === 0) return null
  return (
    <Section title="Invitations on their way">
      <Table
        label="Invitations" rows={list.data.items} rowKey={(row) => row.id}
        columns={[
          { key: 'email', title: 'E-mail', cell: (row) => row.email },
          { key: 'role', title: 'Role', cell: (row) => roleNames[row.role] },
          { key: 'until', title: 'Ends', cell: (row) => <time dateTime={row.expires_at} title={dateTime(row.expires_at)}>{ago(row.expires_at)}</time> },
          { key: 'acts', title: <span className="sr">Acts</span>, end: true, cell: (row) => <Button size="small" busy={revoke.isPending && revoke.variables.id === row.id} onPress={() => revoke.mutate(row)}>Withdraw<span className="sr"> the invitation of {row.email}</span></Button> },
        ]}
      />
    </Section>
  )
}
