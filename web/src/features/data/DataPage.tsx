import { useState } from 'react'
import { EmptyState } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { layout } from '../../ui/Page'
import { useProject } from '../projects/useProject'
import { canManage, useSession } from '../session'
import { ImportDialog } from './ImportDialog'
import { Items } from './Items'
import { JobList } from './JobList'
import { S3Dialog } from './S3Dialog'
import { TextsDialog } from './TextsDialog'
import { Uploads } from './Uploads'

/** How data comes in, and what is there. */
export function DataPage() {
  const session = useSession()
  const project = useProject()
  const [file, setFile] = useState<File | null>(null)
  const [dialog, setDialog] = useState<'import' | 's3' | 'texts' | null>(null)
  const managing = canManage(session)
  const close = () => {
    setDialog(null)
    setFile(null)
  }
  if (project.state === 'archived' && managing) {
    return (
      <>
        <EmptyState icon="archive" title="The project is archived">Take it out of the archive to bring in more data.</EmptyState>
        <Items project={project} />
      </>
    )
  }
  return (
    <>
      {managing && (
        <Uploads
          project={project}
          onManifest={(dropped) => {
            setFile(dropped)
            setDialog('import')
          }}
          others={
            <div className={layout.row}>
              <Button icon="list" onPress={() => setDialog('import')}>Import a file…</Button>
              <Button icon="link" onPress={() => setDialog('s3')}>From a bucket…</Button>
              {project.question.media === 'text' && <Button icon="text" onPress={() => setDialog('texts')}>Paste texts…</Button>}
            </div>
          }
        />
      )}
      <JobList project={project.id} managing={managing} title="Jobs" limit={6} />
      <Items project={project} />
      {dialog === 'import' && <ImportDialog project={project.id} file={file} onClose={close} />}
      {dialog === 's3' && <S3Dialog project={project.id} onClose={close} />}
      {dialog === 'texts' && <TextsDialog project={project.id} onClose={close} />}
    </>
  )
}
