import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client'
import { problemOf } from '../../api/errors'
import type { Invitation, Role } from '../../api/types'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { ErrorNote } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { Select } from '../../ui/Select'
import { useSession } from '../session'
import { InvitationLink } from './InvitationLink'
import { rolesUpTo } from './MembersPage'

/** An invitation is a link; it is shown this once. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const session = useSession()
  const client = useQueryClient()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('contributor')
  const invite = useMutation({
    meta: { shown: true },
    mutationFn: () => post<Invitation>('/api/invitations', { email: email.trim(), role }),
    onSuccess: () => client.invalidateQueries({ queryKey: ['invitations'] }),
  })
  const made = invite.data
  if (made) {
    return (
      <Dialog
        title="Invitation" open onClose={onClose} keep
        foot={<><Button onPress={() => { invite.reset(); setEmail('') }}>Invite another</Button><Button look="primary" onPress={onClose}>Done</Button></>}
      >
        <InvitationLink invitation={made} />
      </Dialog>
    )
  }
  return (
    <Dialog
      title="Invite somebody" open onClose={onClose} onSubmit={() => invite.mutate()}
      foot={<><Button onPress={onClose}>Cancel</Button><Button type="submit" look="primary" busy={invite.isPending}>Make the invitation</Button></>}
    >
      <Field label="E-mail" type="email" required autoFocus autoComplete="off" value={email} onChange={setEmail} problem={problemOf(invite.error, 'email')} />
      <Select label="Role" value={role} options={rolesUpTo(session.role)} onChange={setRole} />
      <ErrorNote error={invite.error} />
    </Dialog>
  )
}
