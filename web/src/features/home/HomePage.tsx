import { Page } from '../../ui/Page'

export function HomePage() {
  return <Page title="Home"><p>To come.</p></Page>
}
