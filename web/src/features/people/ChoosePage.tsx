import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { moveTo } from '../../api/session'
import { Badge, EmptyState } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { ErrorNote } from '../../ui/ErrorState'
import { Table } from '../../ui/Grid'
import { Page } from '../../ui/Page'
import { roleNames, useSession } from '../session'

export function ChoosePage() {
  const session = useSession()
  const client = useQueryClient()
  const navigate = useNavigate()
  const move = useMutation({
    meta: { shown: true },
    mutationFn: (organization: string) => moveTo(client, organization),
    onSuccess: () => navigate({ to: '/' }),
  })
  return (
    <Page title="Choose an organization" lede="You work in one at a time; their data never mix." width="narrow">
      <ErrorNote error={move.error} />
      {session.organizations.length === 0
        ? <EmptyState icon="building" title="You are in no organization yet">As soon as somebody invites you, their link brings you in.</EmptyState>
        : (
          <Table
            label="Organizations" rows={session.organizations} rowKey={(row) => row.id}
            columns={[
              { key: 'name', title: 'Name', cell: (row) => <strong dir="auto">{row.name}</strong> },
              { key: 'role', title: 'Your role', cell: (row) => roleNames[row.role] },
              {
                key: 'go', title: <span className="sr">Go</span>, end: true,
                cell: (row) => row.id === session.organization?.id
                  ? <Badge tone="accent">You are here</Badge>
                  : <Button size="small" busy={move.isPending && move.variables === row.id} onPress={() => move.mutate(row.id)}>Go in</Button>,
              },
            ]}
          />
        )}
    </Page>
  )
}
