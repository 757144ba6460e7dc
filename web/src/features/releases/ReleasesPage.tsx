import { Page } from '../../ui/Page'

export function ReleasesPage() {
  return <Page title="Releases"><p>To come.</p></Page>
}
