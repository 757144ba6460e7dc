import { Page } from '../../ui/Page'

export function InstructionsPage() {
  return <Page title="Instructions"><p>To come.</p></Page>
}
