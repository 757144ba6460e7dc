import { Page } from '../../ui/Page'

export function TasksPage() {
  return <Page title="Tasks"><p>To come.</p></Page>
}
