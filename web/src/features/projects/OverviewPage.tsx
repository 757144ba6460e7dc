import { Page } from '../../ui/Page'

export function OverviewPage() {
  return <Page title="Overview"><p>To come.</p></Page>
}
