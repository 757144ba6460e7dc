import { Page } from '../../ui/Page'

export function WizardPage() {
  return <Page title="New project"><p>To come.</p></Page>
}
