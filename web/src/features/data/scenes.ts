/**
 * Folders of clouds with what their cameras saw: what they hold, told before anything of them is sent.
 *
 * (N1) A folder says by itself how its files belong together: by a manifest whose rows name scenes or paths, by the folders of KITTI's
 *      object set (`velodyne`, `calib`, `image_2`, `label_2`), or by the tables of nuScenes. Nothing else is guessed.
 * (N2) Files go up under the names by which the list calls them, so that a folder that is dropped again, or is sent by `fairmark import`,
 *      is the same.
 * (N3) What is named and not there, and what is there and not named, is told with its names.
 */
import type { Dropped } from './uploads'

export interface SceneFolder {
  readonly kind: 'manifest' | 'kitti' | 'nuscenes'
  /** Clouds and pictures, which are parts of items and no items by themselves. */
  readonly parts: readonly Dropped[]
  /** What the import reads: the manifest, or the labels and calibrations in one archive. */
  readonly list: File
  readonly items: number
  readonly clouds: number
  readonly cameras: readonly { readonly name: string; readonly pictures: number }[]
  /** Things that are marked in what came along; null where that is not told by the files that were looked at. */
  readonly marks: number | null
  /** Named, but not in the folder. */
  readonly missing: readonly string[]
  /** In the folder, but named by nothing. */
  readonly left: readonly string[]
  /** Rows that cannot be read, with the reason. */
  readonly wrong: readonly string[]
}

export interface PathFile { readonly path: string; readonly file: File }

/** Longer lists are for the command line, which reads them row by row. */
export const LIST_BYTES_MAX = 256 * 1024 * 1024
const PICTURE = /\.(jpe?g|png|webp|gif|bmp|tiff?)$/i
const CLOUD = /\.(pcd|bin|las|laz)$/i
const LITTER = /(^|\/)(\.[^/]+|Thumbs\.db|desktop\.ini|__MACOSX(\/.*)?)$/i

type Files = ReadonlyMap<string, File>

/** What a folder of clouds holds; null where nothing in it says how its files belong together. */
export async function sceneFolder(files: readonly PathFile[]): Promise<SceneFolder | null> {
  const all = new Map(files.map(({ path, file }) => [path.replace(/^\/+/, '').normalize('NFC'), file] as const).filter(([path]) => !LITTER.test(path)))
  return (await manifestFolder(all)) ?? (await nuscenesFolder(all)) ?? (await kittiFolder(all))
}

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1)
const byName = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true })
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const listOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isObject) : [])
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

async function read(file: File): Promise<string> {
  if (file.size > LIST_BYTES_MAX) throw new Error(`${file.name} is too long to be looked at here: bring the folder in with “fairmark import”.`)
  return file.text()
}

/** What the lists of a folder name, gathered as they are read. */
class Named {
  readonly #files: Files
  readonly #root: string
  readonly #parts = new Map<string, File>()
  readonly #missing = new Set<string>()
  readonly #cameras = new Map<string, number>()
  clouds = 0

  constructor(files: Files, root: string) {
    this.#files = files
    this.#root = root
  }

  cloud(name: string): void {
    this.clouds += 1
    this.#take(name)
  }

  picture(camera: string, name: string): void {
    if (this.#take(name)) this.#cameras.set(camera, (this.#cameras.get(camera) ?? 0) + 1)
  }

  #take(name: string): boolean {
    const file = this.#files.get(this.#root + name.normalize('NFC'))
    if (file === undefined) this.#missing.add(name)
    else this.#parts.set(name, file)
    return file !== undefined
  }

  /** `read` tells which other files were used. */
  found(read: (path: string) => boolean): Pick<SceneFolder, 'parts' | 'clouds' | 'cameras' | 'missing' | 'left'> {
    const used = new Set([...this.#parts.keys()].map((name) => this.#root + name.normalize('NFC')))
    return {
      parts: [...this.#parts].map(([externalId, file]) => ({ externalId, file, part: true })).sort((a, b) => byName(a.externalId, b.externalId)),
      clouds: this.clouds,
      cameras: [...this.#cameras].map(([name, pictures]) => ({ name, pictures })).sort((a, b) => byName(a.name, b.name)),
      missing: [...this.#missing].sort(byName),
      left: [...this.#files.keys()].filter((path) => !used.has(path) && !read(path)).sort(byName),
    }
  }
}

async function manifestFolder(files: Files): Promise<SceneFolder | null> {
  for (const [path, list] of [...files].sort(([a], [b]) => byName(a, b))) {
    if (!/\.(jsonl|ndjson)$/i.test(path)) continue
    const named = new Named(files, folderOf(path))
    const wrong: string[] = []
    let [items, marks] = [0, 0]
    for (const [nth, line] of (await read(list)).split('\n').entries()) {
      if (line.trim() === '') continue
      let row: unknown
      try {
        row = JSON.parse(nth === 0 ? line.replace(/^\uFEFF/, '') : line)
      } catch {
        wrong.push(`Row ${nth + 1} is not valid JSON`)
        continue
      }
      if (!isObject(row) || (!isObject(row.scene) && typeof row.path !== 'string')) {
        wrong.push(`Row ${nth + 1} names neither a scene nor a path`)
        continue
      }
      items += 1
      if (isObject(row.answer)) marks += listOf(row.answer.objects).length
      if (typeof row.path === 'string') named.cloud(row.path)
      else if (isObject(row.scene)) {
        for (const cloud of listOf(row.scene.clouds)) {
          named.cloud(textOf(cloud.path))
          for (const camera of listOf(cloud.cameras)) named.picture(textOf(camera.name), textOf(camera.path))
        }
      }
    }
    // A list of something else lies beside the clouds by chance.
    if (items > 0 && (named.clouds > 0 || wrong.length === 0)) return { kind: 'manifest', list, items, marks, wrong, ...named.found((other) => other === path) }
  }
  return null
}

async function nuscenesFolder(files: Files): Promise<SceneFolder | null> {
  const found = [...files.keys()].filter((path) => /(^|\/)v1\.0-[^/]+\/sample_data\.json$/.test(path)).sort(byName)[0]
  if (found === undefined) return null
  const tables = folderOf(found)
  const root = folderOf(tables.slice(0, -1))
  const wrong: string[] = []
  const table = async (name: string): Promise<Record<string, unknown>[]> => {
    const file = files.get(`${tables}${name}.json`)
    if (file === undefined) {
      wrong.push(`The table ${name}.json is not there`)
      return []
    }
    try {
      return listOf(JSON.parse(await read(file)))
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
      wrong.push(`The table ${name}.json is not valid JSON`)
      return []
    }
  }
  const sensors = new Map((await table('sensor')).map((row) => [row.token, { channel: textOf(row.channel), modality: row.modality }]))
  const mounts = new Map((await table('calibrated_sensor')).map((row) => [row.token, sensors.get(row.sensor_token)]))
  const named = new Named(files, root)
  let sweeps = 0
  for (const row of await table('sample_data')) {
    const sensor = mounts.get(row.calibrated_sensor_token)
    if (row.is_key_frame !== true) sweeps += 1
    else if (sensor?.modality === 'lidar') named.cloud(textOf(row.filename))
    else if (sensor?.modality === 'camera') named.picture(sensor.channel, textOf(row.filename))
  }
  const marks = (await table('sample_annotation')).length
  const items = (await table('sample')).length
  if (sweeps > 0) wrong.push(`${sweeps} records between the key frames are not brought in`)
  const isTable = (path: string) => path.startsWith(tables) && path.endsWith('.json')
  const list = packed('nuscenes.tar', [...files].filter(([path]) => isTable(path)).map(([path, file]) => [path.slice(root.length), file]))
  return { kind: 'nuscenes', list, items, marks, wrong, ...named.found(isTable) }
}

const KITTI_CAMERAS = ['image_0', 'image_1', 'image_2', 'image_3']

async function kittiFolder(files: Files): Promise<SceneFolder | null> {
  const roots = [...files.keys()].map((path) => /^(.*\/)?velodyne\/[^/]+\.bin$/.exec(path)).filter((match) => match !== null).map(([, root = '']) => root)
  // Of a training and a testing set, the one with labels.
  const hasLabels = (root: string) => Number([...files.keys()].some((path) => path.startsWith(`${root}label_2/`)))
  const root = [...new Set(roots)].sort((a, b) => hasLabels(b) - hasLabels(a) || byName(a, b))[0]
  if (root === undefined) return null
  const names = [...files.keys()].filter((path) => path.startsWith(`${root}velodyne/`)).map((path) => path.slice(root.length + 'velodyne/'.length).replace(/\.bin$/, '')).sort(byName)
  if (!names.some((name) => files.has(`${root}calib/${name}.txt`))) return null
  const named = new Named(files, root)
  const texts: [string, Blob][] = []
  const wrong: string[] = []
  let [items, marks] = [0, 0]
  for (const name of names) {
    const calibration = files.get(`${root}calib/${name}.txt`)
    if (calibration === undefined) {
      wrong.push(`Frame ${name} has no calibration`)
      continue
    }
    items += 1
    named.cloud(`velodyne/${name}.bin`)
    const projections = new Set([...(await read(calibration)).matchAll(/^P([0-3]):/gm)].map(([, number]) => `image_${number}`))
    for (const camera of KITTI_CAMERAS) {
      const picture = `${camera}/${name}.png`
      if (files.has(root + picture) && projections.has(camera)) named.picture(camera, picture)
    }
    const labels = files.get(`${root}label_2/${name}.txt`)
    if (labels !== undefined) marks += (await read(labels)).split('\n').filter((line) => line.trim() !== '' && !line.startsWith('DontCare')).length
    // A frame is known by its labels; one that has none is a frame all the same.
    texts.push([`label_2/${name}.txt`, labels ?? new Blob([])], [`calib/${name}.txt`, calibration])
  }
  const isText = (path: string) => /(^|\/)(label_2|calib)\/[^/]+\.txt$/.test(path) && path.startsWith(root)
  return { kind: 'kitti', list: packed('kitti.tar', texts), items, marks, wrong, ...named.found(isText) }
}

/** An archive of files as they are (POSIX ustar): their bytes are read when it is sent. */
export function packed(name: string, files: readonly (readonly [string, Blob])[]): File {
  const parts: BlobPart[] = []
  for (const [path, file] of files) parts.push(tarHeader(path, file.size), file, new Uint8Array((512 - (file.size % 512)) % 512))
  parts.push(new Uint8Array(1024))
  // The same files make the same archive, so that one that is sent again goes on where it was.
  const lastModified = Math.max(0, ...files.map(([, file]) => (file instanceof File ? file.lastModified : 0)))
  return new File(parts, name, { lastModified })
}

function tarHeader(path: string, bytes: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(512)
  const put = (at: number, text: string) => header.set(new TextEncoder().encode(text), at)
  // Of a long path its folders stand in a field of their own.
  const cut = path.length > 100 ? path.lastIndexOf('/', 155) : -1
  put(0, path.slice(cut + 1))
  put(100, '0000644\0')
  put(108, '0000000\0')
  put(116, '0000000\0')
  put(124, `${bytes.toString(8).padStart(11, '0')}\0`)
  put(136, '00000000000\0')
  put(148, '        ')
  put(156, '0')
  put(257, 'ustar\x0000')
  if (cut > 0) put(345, path.slice(0, cut))
  put(148, `${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `)
  return header
}

/** Whether pictures lie beside clouds: then somebody meant them to come in together. */
export const isWithPictures = (files: readonly PathFile[]): boolean => files.some(({ path }) => CLOUD.test(path)) && files.some(({ path }) => PICTURE.test(path))
