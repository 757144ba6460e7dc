import { Page } from '../../ui/Page'

export function OwnWorkPage() {
  return <Page title="My work"><p>To come.</p></Page>
}
