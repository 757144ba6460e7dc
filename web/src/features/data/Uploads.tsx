import { useQueryClient } from '@tanstack/react-query'
import { type DragEvent, memo, type ReactNode, useEffect, useRef, useState, useSyncExternalStore } from 'react'
import type { Project } from '../../api/types'
import { Badge, Note, Progress } from '../../ui/Bits'
import { Button, IconButton } from '../../ui/Button'
import { bytes, duration, number } from '../../ui/format'
import { Icon } from '../../ui/Icon'
import { Card, layout } from '../../ui/Page'
import { toast } from '../../ui/toast'
import css from './Data.module.css'
import { bringScenes, queueOf } from './door'
import { filesOf, filesOfInput, sortFiles } from './files'
import { ScenesDialog } from './ScenesDialog'
import { type PathFile, type SceneFolder, isWithPictures, sceneFolder } from './scenes'
import type { Entry, Totals, UploadQueue } from './uploads'

const REFRESH_MS = 2_000
const SHOWN_MAX = 40

/** Where files are dropped, and how far those that were are. */
export function Uploads({ project, onManifest, others }: { project: Project; onManifest: (file: File) => void; others: ReactNode }) {
  const client = useQueryClient()
  const queue = queueOf(project.id)
  const { entries, totals } = useSyncExternalStore(queue.subscribe, queue.get)
  const [over, setOver] = useState(0)
  const [reading, setReading] = useState(false)
  const [skipped, setSkipped] = useState<string[]>([])
  const [scenes, setScenes] = useState<SceneFolder | null>(null)
  const [lonely, setLonely] = useState(false)
  const picker = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const noun = { image: 'pictures', video: 'videos', text: 'texts', cloud: 'clouds' }[project.question.media]

  useEffect(() => {
    let asked = false
    queue.onMade = () => {
      if (asked) return
      asked = true
      setTimeout(() => {
        asked = false
        void client.invalidateQueries({ queryKey: ['items', project.id] })
        void client.invalidateQueries({ queryKey: ['project', project.id] })
      }, REFRESH_MS)
    }
  }, [queue, client, project.id])
  useEffect(() => {
    if (!totals.moving) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [totals.moving])

  const take = async (files: readonly PathFile[]) => {
    const isClouds = project.question.media === 'cloud'
    if (isClouds) {
      const found = await sceneFolder(files)
      setScenes(found)
      setLonely(found === null && isWithPictures(files))
      if (found !== null) {
        setSkipped([])
        return
      }
    }
    const sorted = sortFiles(files, project.question.media)
    setSkipped(sorted.skipped)
    const added = queue.add(sorted.wanted)
    const [manifest] = sorted.manifests
    if (sorted.wanted.length === 0 && manifest) onManifest(manifest)
    else if (added === 0 && sorted.skipped.length === 0) toast(sorted.wanted.length > 0 ? 'These files are in the list already.' : 'There were no files in it.')
  }
  const look = async (files: Promise<readonly PathFile[]>) => {
    setReading(true)
    try {
      await take(await files)
    } catch (error) {
      // What the browser itself says of a file is no sentence for people.
      const isOurs = error instanceof Error && !(error instanceof DOMException)
      toast(isOurs ? error.message : 'The folder could not be read. Try “Choose a folder”.', { tone: 'bad' })
    } finally {
      setReading(false)
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(0)
    void look(filesOf(event.dataTransfer))
  }
  const picked = (input: HTMLInputElement) => {
    void look(Promise.resolve(filesOfInput(input)))
    input.value = ''
  }

  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is one of several ways; the buttons inside do the same */}
      <div
        className={css.drop}
        data-over={over > 0 ? '' : undefined}
        data-slim={totals.files > 0 ? '' : undefined}
        onDragEnter={(event) => { event.preventDefault(); setOver(over + 1) }}
        onDragLeave={() => setOver(Math.max(0, over - 1))}
        onDragOver={(event) => event.preventDefault()}
        onDrop={drop}
      >
        <Icon name="upload" size={30} />
        <strong>{reading ? 'Reading the folder…' : over > 0 ? 'Let go to bring them in' : `Drop a folder or files of ${noun} here`}</strong>
        <p>Thousands are fine. If something breaks off, drop the same folder again: it goes on where it was.</p>
        <div className={css.acts}>
          <Button look="primary" icon="projects" onPress={() => folder.current?.click()}>Choose a folder</Button>
          <Button icon="upload" onPress={() => picker.current?.click()}>Choose files</Button>
          {others}
        </div>
        <input ref={picker} className={css.hidden} type="file" multiple tabIndex={-1} aria-label="Choose files" onChange={(event) => picked(event.target)} />
        <input ref={folder} className={css.hidden} type="file" multiple tabIndex={-1} aria-label="Choose a folder" {...{ webkitdirectory: '' }} onChange={(event) => picked(event.target)} />
      </div>
      {skipped.length > 0 && (
        <Note tone="warn" live title={`${number(skipped.length)} ${skipped.length === 1 ? 'file was' : 'files were'} left out: not ${noun}`}>
          {lonely && <span>Pictures of cameras come in with a manifest that says where each camera stands, or in the folders of KITTI or nuScenes.</span>}
          <span className={layout.quiet}>{skipped.slice(0, 5).join(', ')}{skipped.length > 5 && ` and ${number(skipped.length - 5)} more`}</span>
          <div><Button size="small" onPress={() => setSkipped([])}>Dismiss</Button></div>
        </Note>
      )}
      {scenes !== null && (
        <ScenesDialog
          folder={scenes}
          onClose={() => setScenes(null)}
          onBring={(answers) => {
            bringScenes(project.id, scenes, answers, () => void client.invalidateQueries({ queryKey: ['jobs'] }))
            setScenes(null)
          }}
        />
      )}
      {totals.files > 0 && <Going queue={queue} entries={entries} totals={totals} />}
    </>
  )
}

/** What failed first, then what is on its way, then what waits: enough of it to fill the list. */
function worthShowing(entries: readonly Entry[]): Entry[] {
  const out: Entry[] = []
  for (const state of ['failed', 'sending', 'waiting'] as const) {
    for (const entry of entries) {
      if (out.length >= SHOWN_MAX) return out
      if (entry.state === state) out.push(entry)
    }
  }
  return out
}

/** An entry never changes, a new one takes its place: rows whose entry is the same are not drawn again. */
const FileRow = memo(function FileRow({ queue, entry }: { queue: UploadQueue; entry: Entry }) {
  const failed = entry.state === 'failed'
  return (
    <li>
      <span className={css.name} title={entry.externalId} dir="ltr">{entry.externalId}</span>
      {failed
        ? <IconButton icon="retry" size="small" label={`Retry ${entry.name}`} onPress={() => queue.retry(entry.externalId)} />
        : <IconButton icon="x" size="small" label={`Cancel ${entry.name}`} onPress={() => queue.cancel(entry.externalId)} />}
      <small data-bad={failed ? '' : undefined}>
        {entry.problem ?? (entry.state === 'waiting' ? 'Waiting' : `${bytes(entry.sent)} of ${bytes(entry.bytes)}`)}
      </small>
    </li>
  )
})

function Going({ queue, entries, totals }: { queue: UploadQueue; entries: readonly Entry[]; totals: Totals }) {
  const left = totals.bytes - totals.sent
  const seconds = totals.bytesPerSecond > 0 ? left / totals.bytesPerSecond : null
  const shown = worthShowing(entries)
  const rest = entries.length - totals.done - totals.canceled - shown.length
  const over = !totals.moving
  return (
    <Card
      title={over ? (totals.failed > 0 ? 'Not everything arrived' : 'Everything has arrived') : totals.paused ? 'Paused' : 'Uploading'}
      acts={
        <>
          {!over && (totals.paused ? <Button size="small" icon="play" onPress={() => queue.resume()}>Go on</Button> : <Button size="small" icon="pause" onPress={() => queue.pause()}>Pause</Button>)}
          {totals.failed > 0 && <Button size="small" icon="retry" onPress={() => queue.retry()}>Retry {number(totals.failed)}</Button>}
          {!over && <Button size="small" icon="x" onPress={() => queue.cancel()}>Cancel all</Button>}
          {over && <Button size="small" onPress={() => queue.clear()}>Clear the list</Button>}
        </>
      }
    >
      <Progress label="Upload" total={Math.max(1, totals.bytes)} parts={[{ label: 'Bytes', value: totals.sent, tone: totals.failed > 0 && over ? 'warn' : 'accent' }]} />
      <div className={css.line} role="status">
        <span>
          {number(totals.done)} of {number(totals.files - totals.canceled)} files · {bytes(totals.sent)} of {bytes(totals.bytes)}
          {totals.failed > 0 && <> · <Badge tone="bad">{number(totals.failed)} failed</Badge></>}
        </span>
        {!over && !totals.paused && totals.bytesPerSecond > 0 && <span className={layout.quiet}>{bytes(totals.bytesPerSecond)}/s{seconds !== null && seconds > 3 && `, about ${duration(seconds)} left`}</span>}
      </div>
      {shown.length > 0 && (
        <ul className={css.list} aria-label="Files">
          {shown.map((entry) => <FileRow key={entry.externalId} queue={queue} entry={entry} />)}
          {rest > 0 && <li><small>and {number(rest)} more</small></li>}
        </ul>
      )}
    </Card>
  )
}
