import { Page } from '../../ui/Page'

export function MembersPage() {
  return <Page title="Members"><p>To come.</p></Page>
}
