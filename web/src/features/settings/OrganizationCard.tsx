import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { patch } from '../../api/client'
import { problemOf } from '../../api/errors'
import { Button, LinkButton } from '../../ui/Button'
import { ErrorNote } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { Card, layout } from '../../ui/Page'
import { toast } from '../../ui/toast'
import { roleHelp, roleNames, useSession } from '../session'

/** The organization that one is in; its owner may rename it. */
export function OrganizationCard() {
  const session = useSession()
  const client = useQueryClient()
  const { organization, role } = session
  const [name, setName] = useState(organization?.name ?? '')
  const rename = useMutation({
    meta: { shown: true },
    mutationFn: () => patch('/api/organization', { name: name.trim() }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['session'] })
      toast('Renamed.', { tone: 'good' })
    },
  })
  if (!organization || !role) return null
  return (
    <Card title="Organization" acts={session.organizations.length > 1 && <LinkButton size="small" to="/organizations/choose">Switch</LinkButton>}>
      {role === 'owner' ? (
        <form className={layout.form} onSubmit={(event) => { event.preventDefault(); rename.mutate() }}>
          <Field label="Name" required maxLength={200} value={name} onChange={setName} problem={problemOf(rename.error, 'name')} />
          <ErrorNote error={rename.error} />
          <div><Button type="submit" busy={rename.isPending} isDisabled={!name.trim() || name.trim() === organization.name}>Rename</Button></div>
        </form>
      ) : <p><strong dir="auto">{organization.name}</strong></p>}
      <p className={layout.quiet}>You are {roleNames[role].toLowerCase()}: {roleHelp[role].toLowerCase()}. <code>{organization.id}</code></p>
    </Card>
  )
}
