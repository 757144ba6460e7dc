import { Page } from '../../ui/Page'

export function TaskPage() {
  return <Page title="Task"><p>To come.</p></Page>
}
