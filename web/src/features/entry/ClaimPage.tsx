import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { post } from '../../api/client'
import { problemOf } from '../../api/errors'
import * as q from '../../api/queries'
import { enter } from '../../api/session'
import type { Session } from '../../api/types'
import { Note } from '../../ui/Bits'
import { Button, LinkButton } from '../../ui/Button'
import { ErrorNote } from '../../ui/ErrorState'
import { Field, PasswordField } from '../../ui/Field'
import { toast } from '../../ui/toast'
import { EntryFrame, entry, PASSWORD_MIN, passwordProblem } from './EntryFrame'

/** The token may come in the address's fragment, which no server and no log sees. */
const tokenInAddress = () => window.location.hash.replace(/^#(token=)?/, '')

export function ClaimPage() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const setup = useQuery(q.setup)
  const [token, setToken] = useState(tokenInAddress)
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const [organization, setOrganization] = useState('')
  const claim = useMutation({
    meta: { shown: true },
    mutationFn: () => post<Session>('/api/setup/claim', { token: token.trim(), email: email.trim(), name: name.trim(), password, organization: organization.trim() }),
    onSuccess: async (session) => {
      enter(client, session)
      toast('The installation is yours. Welcome.', { tone: 'good' })
      await navigate({ to: '/' })
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    claim.mutate()
  }
  const problem = (path: string) => problemOf(claim.error, path)

  if (setup.data?.claimed && !claim.isSuccess) {
    return (
      <EntryFrame title="Already claimed">
        <Note>This installation has an operator. Sign in, or ask them for an invitation.</Note>
        <LinkButton to="/login" look="primary">Sign in</LinkButton>
      </EntryFrame>
    )
  }
  return (
    <EntryFrame wide title="Claim this installation" lede="You become its operator and the owner of its first organization." foot={setup.data && `Version ${setup.data.version}`}>
      <form className={entry.form} onSubmit={submit}>
        <Field
          label="Claim token" name="token" required mono autoComplete="off" spellCheck={false} value={token} onChange={setToken}
          help="The server printed it when it started for the first time." problem={problem('token')}
        />
        <Field label="Organization" name="organization" required autoComplete="organization" value={organization} onChange={setOrganization} help="Who brings the data: a company, a lab, a team." problem={problem('organization')} />
        <Field label="Your name" name="name" required autoComplete="name" value={name} onChange={setName} problem={problem('name')} />
        <Field label="E-mail" name="email" type="email" required autoComplete="username" value={email} onChange={setEmail} problem={problem('email')} />
        <PasswordField
          name="password" required minLength={PASSWORD_MIN} autoComplete="new-password" value={password} onChange={setPassword}
          help={`At least ${PASSWORD_MIN} characters; a few words do well.`} problem={problem('password') ?? passwordProblem(password)}
        />
        <ErrorNote error={claim.error} />
        <Button type="submit" look="primary" busy={claim.isPending}>Claim the installation</Button>
      </form>
    </EntryFrame>
  )
}
