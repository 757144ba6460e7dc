import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { type FormEvent, useEffect, useState } from 'react'
import { isApiError } from '../../api/errors'
import * as q from '../../api/queries'
import { signIn } from '../../api/session'
import { Button } from '../../ui/Button'
import { ErrorNote } from '../../ui/ErrorState'
import { Field, PasswordField } from '../../ui/Field'
import { duration } from '../../ui/format'
import { EntryFrame, entry } from './EntryFrame'

export function LoginPage() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const { back } = useSearch({ from: '/login' })
  const setup = useQuery(q.setup)
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const login = useMutation({
    meta: { shown: true },
    mutationFn: () => signIn(client, email.trim(), password),
    onSuccess: async (session) => {
      const undecided = !session.organization && session.organizations.length > 0
      await (undecided ? navigate({ to: '/organizations/choose' }) : navigate({ href: back ?? '/' }))
    },
  })

  useEffect(() => {
    if (setup.data && !setup.data.claimed) void navigate({ to: '/setup', replace: true })
  }, [setup.data, navigate])

  const submit = (event: FormEvent) => {
    event.preventDefault()
    login.mutate()
  }
  const wait = isApiError(login.error) && login.error.code === 'too_many_attempts' ? login.error.retryAfter : null

  return (
    <EntryFrame
      title="Sign in"
      lede={back ? 'Sign in to go on where you were.' : undefined}
      foot={setup.data?.sign_up_open ? <>No account yet? <Link to="/sign-up">Sign up</Link></> : 'Accounts are made by invitation. Ask a manager of your organization.'}
    >
      <form className={entry.form} onSubmit={submit}>
        <Field label="E-mail" type="email" name="email" autoComplete="username" required autoFocus value={email} onChange={setEmail} />
        <PasswordField name="password" autoComplete="current-password" required value={password} onChange={setPassword} />
        <ErrorNote error={login.error} />
        {wait !== null && <p className={entry.foot}>Try again in {duration(wait)}.</p>}
        <Button type="submit" look="primary" busy={login.isPending}>Sign in</Button>
      </form>
    </EntryFrame>
  )
}
