import { Page } from '../../ui/Page'

export function PlanPage() {
  return <Page title="Settings"><p>To come.</p></Page>
}
