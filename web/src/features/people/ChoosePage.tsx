import { Page } from '../../ui/Page'

export function ChoosePage() {
  return <Page title="Choose an organization"><p>To come.</p></Page>
}
