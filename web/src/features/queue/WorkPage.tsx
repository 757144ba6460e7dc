import { Page } from '../../ui/Page'

/** The work screen; its route gives `project` and `stage` (label, review or adjudicate). */
export function WorkPage() {
  return <Page title="Work"><p>To come.</p></Page>
}
