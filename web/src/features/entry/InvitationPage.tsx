import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { post } from '../../api/client'
import { problemOf } from '../../api/errors'
import { enter } from '../../api/session'
import type { OpenInvitation, Session } from '../../api/types'
import { SkeletonRows } from '../../ui/Bits'
import { Button, LinkButton } from '../../ui/Button'
import { ErrorNote, ErrorState } from '../../ui/ErrorState'
import { Field, PasswordField } from '../../ui/Field'
import { toast } from '../../ui/toast'
import { roleHelp, roleNames } from '../session'
import { EntryFrame, entry, PASSWORD_MIN, passwordProblem } from './EntryFrame'

const tokenInAddress = () =>
  window.location.hash.replace(/^#(token=)?/, '') || new URLSearchParams(window.location.search).get('token') || ''

const nameOf = (organization: OpenInvitation['organization']) => (typeof organization === 'string' ? organization : organization.name)

export function InvitationPage() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [token] = useState(tokenInAddress)
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const open = useQuery({ queryKey: ['invitation', token], queryFn: () => post<OpenInvitation>('/api/invitations/open', { token }), enabled: token !== '', retry: false, staleTime: Number.POSITIVE_INFINITY })
  const accept = useMutation({
    meta: { shown: true },
    mutationFn: () => post<Session>('/api/invitations/accept', open.data?.known ? { token, password } : { token, name: name.trim(), password }),
    onSuccess: async (session) => {
      enter(client, session)
      toast(`Welcome to ${session.organization?.name ?? 'Fairmark'}.`, { tone: 'good' })
      await navigate({ to: '/' })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    accept.mutate()
  }

  if (token === '') return <EntryFrame title="No invitation here" lede="Open the whole link from your invitation; a part of it seems to be missing."><LinkButton to="/login">Sign in</LinkButton></EntryFrame>
  if (open.isPending) return <EntryFrame title="Invitation"><SkeletonRows rows={3} /></EntryFrame>
  if (open.isError) {
    return (
      <EntryFrame title="Invitation" foot="A link works once, for seven days. Ask the person who invited you for a new one.">
        <ErrorState error={open.error} title="This link does not open" retry={() => void open.refetch()} />
      </EntryFrame>
    )
  }
  const { organization, email, role, known } = open.data
  return (
    <EntryFrame wide title={`Join ${nameOf(organization)}`} lede={<>You are invited as <strong>{roleNames[role].toLowerCase()}</strong>: {roleHelp[role].toLowerCase()}.</>}>
      <form className={entry.form} onSubmit={submit}>
        <Field label="E-mail" type="email" name="email" autoComplete="username" readOnly value={email} onChange={() => {}} />
        {!known && <Field label="Your name" name="name" autoComplete="name" required autoFocus value={name} onChange={setName} problem={problemOf(accept.error, 'name')} />}
        <PasswordField
          name="password" required value={password} onChange={setPassword} autoComplete={known ? 'current-password' : 'new-password'}
          help={known ? 'You have an account already: your present password.' : `At least ${PASSWORD_MIN} characters; a few words do well.`}
          problem={problemOf(accept.error, 'password') ?? (known ? null : passwordProblem(password))}
        />
        <ErrorNote error={accept.error} />
        <Button type="submit" look="primary" busy={accept.isPending}>Accept and join</Button>
      </form>
    </EntryFrame>
  )
}
