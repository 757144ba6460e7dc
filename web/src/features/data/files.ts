import type { Media } from '../../api/types'
import type { Dropped } from './uploads'

/** What people drag in with a folder without meaning to. */
const litter = /(^|\/)(\.[^/]+|Thumbs\.db|desktop\.ini|__MACOSX(\/.*)?)$/i
const pictures = /\.(jpe?g|png|webp|gif|bmp|tiff?)$/i
const videos = /\.(mp4|m4v|mov|webm|mkv)$/i
const clouds = /\.(pcd|bin|las|laz)$/i
const texts = /\.(txt|md|text)$/i
export const manifests = /\.(jsonl|ndjson|csv|json|zip)$/i

const known: Record<Media, RegExp> = { image: pictures, video: videos, text: texts, cloud: clouds }

export interface Sorted { wanted: Dropped[]; manifests: File[]; skipped: string[] }

/** Files with their paths, sorted by what this project can do with them. */
export function sortFiles(files: readonly { path: string; file: File }[], media: Media): Sorted {
  const out: Sorted = { wanted: [], manifests: [], skipped: [] }
  for (const { path, file } of files) {
    const externalId = path.replace(/^\/+/, '').normalize('NFC')
    if (litter.test(externalId)) continue
    if (known[media].test(externalId)) out.wanted.push({ externalId, file })
    else if (manifests.test(externalId)) out.manifests.push(file)
    else out.skipped.push(externalId)
  }
  out.wanted.sort((a, b) => a.externalId.localeCompare(b.externalId, 'en', { numeric: true }))
  return out
}

const fileOf = (entry: FileSystemFileEntry): Promise<File> => new Promise((go, fail) => entry.file(go, fail))

async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const out: FileSystemEntry[] = []
  // A reader gives a hundred at a time and an empty list at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((go, fail) => reader.readEntries(go, fail))
    if (some.length === 0) return out
    out.push(...some)
  }
}

/** Everything below what was dropped, folder by folder. */
export async function filesOf(transfer: DataTransfer): Promise<{ path: string; file: File }[]> {
  // The list is gone after the first await, so the entries are taken at once.
  const roots = [...transfer.items].filter((item) => item.kind === 'file').map((item) => item.webkitGetAsEntry() ?? item.getAsFile())
  const out: { path: string; file: File }[] = []
  const walk = async (entry: FileSystemEntry): Promise<void> => {
    if (entry.isFile) out.push({ path: entry.fullPath, file: await fileOf(entry as FileSystemFileEntry) })
    else for (const child of await childrenOf(entry as FileSystemDirectoryEntry)) await walk(child)
  }
  for (const root of roots) {
    if (root instanceof File) out.push({ path: root.name, file: root })
    else if (root) await walk(root)
  }
  return out
}

export const filesOfInput = (input: HTMLInputElement): { path: string; file: File }[] =>
  [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }))
