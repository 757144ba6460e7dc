import { Page } from '../../ui/Page'

export function OrganizationsPage() {
  return <Page title="Organizations"><p>To come.</p></Page>
}
