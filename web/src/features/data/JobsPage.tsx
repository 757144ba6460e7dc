import { Page } from '../../ui/Page'

export function JobsPage() {
  return <Page title="Jobs"><p>To come.</p></Page>
}
