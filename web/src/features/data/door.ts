import { post, request } from '../../api/client'
import type { ImportRequest, Job, Upload } from '../../api/types'
import type { SceneFolder } from './scenes'
import { type Door, PIECE_BYTES, UploadQueue } from './uploads'

/** The server's side of an upload. The queue repeats by itself, so the client does not. */
export const doorOf = (project: string): Door => ({
  open: (file, signal) => post<Upload>(`/api/projects/${project}/uploads`, file, { signal, retries: 0 }),
  send: (upload, offset, piece, signal) =>
    request<Upload>('PATCH', `/api/uploads/${upload}`, { raw: piece, signal, named: true, retries: 0, headers: { 'upload-offset': String(offset), 'content-type': 'application/octet-stream' } }),
  finish: (upload, signal) => post<Upload>(`/api/uploads/${upload}/finish`, {}, { signal, retries: 0 }),
})

const queues = new Map<string, UploadQueue>()

/** One queue a project, alive as long as the page: going elsewhere in the application does not stop it. */
export function queueOf(project: string): UploadQueue {
  const had = queues.get(project)
  if (had) return had
  const made = new UploadQueue(doorOf(project))
  queues.set(project, made)
  return made
}

/** Brings over what a folder of clouds holds, then has its list read. */
export function bringScenes(project: string, { kind, parts, list }: SceneFolder, answers: 'labels' | 'suggestions', onBegun: () => void): void {
  const read: ImportRequest = kind === 'manifest' ? { source: 'manifest' } : { source: 'dataset', format: kind, extend: true }
  queueOf(project).add([
    ...parts,
    {
      externalId: `import:${list.name}:${list.lastModified}`,
      file: list,
      needs: parts.map(({ externalId }) => externalId),
      begin: async (upload, signal) => {
        await post<Job>(`/api/projects/${project}/imports`, { ...read, upload, answers } satisfies ImportRequest, { signal, retries: 0 })
        onBegun()
      },
    },
  ])
}

/** Brings one file over whole, for an import to read; gives the upload's id. */
export async function bring(project: string, file: File, onProgress: (share: number) => void, signal: AbortSignal): Promise<string> {
  const door = doorOf(project)
  const upload = await door.open({ external_id: `import:${file.name}:${file.lastModified}`, name: file.name, bytes: file.size, last_modified: file.lastModified }, signal)
  for (let { offset } = upload; offset < file.size; ) {
    offset = (await door.send(upload.id, offset, file.slice(offset, offset + PIECE_BYTES), signal)).offset
    onProgress(offset / file.size)
  }
  return upload.id
}
