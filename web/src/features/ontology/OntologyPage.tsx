import { Page } from '../../ui/Page'

export function OntologyPage() {
  return <Page title="Ontology"><p>To come.</p></Page>
}
