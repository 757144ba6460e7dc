import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { post } from '../../api/client'
import { problemOf } from '../../api/errors'
import * as q from '../../api/queries'
import { signIn } from '../../api/session'
import { Note } from '../../ui/Bits'
import { Button, LinkButton } from '../../ui/Button'
import { ErrorNote } from '../../ui/ErrorState'
import { Field, PasswordField } from '../../ui/Field'
import { EntryFrame, entry, PASSWORD_MIN, passwordProblem } from './EntryFrame'

export function SignUpPage() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const setup = useQuery(q.setup)
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  const signUp = useMutation({
    meta: { shown: true },
    mutationFn: async () => {
      await post('/api/sign-up', { email: email.trim(), name: name.trim(), password })
      return signIn(client, email.trim(), password)
    },
    onSuccess: () => navigate({ to: '/' }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    signUp.mutate()
  }

  if (setup.data && !setup.data.sign_up_open) {
    return (
      <EntryFrame title="Sign-up is closed">
        <Note>On this installation accounts are made by invitation. Ask a manager of your organization for one.</Note>
        <LinkButton to="/login">Sign in</LinkButton>
      </EntryFrame>
    )
  }
  return (
    <EntryFrame title="Sign up" foot={<>Already have an account? <Link to="/login">Sign in</Link></>}>
      <form className={entry.form} onSubmit={submit}>
        <Field label="Your name" name="name" autoComplete="name" required autoFocus value={name} onChange={setName} problem={problemOf(signUp.error, 'name')} />
        <Field label="E-mail" type="email" name="email" autoComplete="username" required value={email} onChange={setEmail} problem={problemOf(signUp.error, 'email')} />
        <PasswordField
          name="password" autoComplete="new-password" required minLength={PASSWORD_MIN} value={password} onChange={setPassword}
          help={`At least ${PASSWORD_MIN} characters; a few words do well.`} problem={problemOf(signUp.error, 'password') ?? passwordProblem(password)}
        />
        <ErrorNote error={signUp.error} />
        <Button type="submit" look="primary" busy={signUp.isPending}>Sign up</Button>
      </form>
    </EntryFrame>
  )
}
