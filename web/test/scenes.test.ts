import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type PathFile, isWithPictures, packed, sceneFolder } from '../src/features/data/scenes'

const file = (path: string, content = 'x'): PathFile => ({ path, file: new File([content], path.split('/').pop() ?? '', { lastModified: 7 }) })
const row = (id: string, moments: number) =>
  JSON.stringify({ external_id: id, scene: { clouds: Array.from({ length: moments }, (_, t) => ({ path: `${id}/${t}.bin`, cameras: [{ name: 'front', path: `${id}/${t}.png` }] })) } })

describe('a folder of clouds (N1–N3)', () => {
  it('is told by its manifest, under the names that the manifest has', async () => {
    const found = await sceneFolder([
      file('/tours/drives.jsonl', `\uFEFF${row('a', 2)}\n\nnonsense\n${row('b', 1)}\n`),
      ...['a/0.bin', 'a/1.bin', 'a/0.png', 'a/1.png', 'b/0.bin', 'notes.txt', '.DS_Store'].map((name) => file(`/tours/${name}`)),
    ])
    expect(found).toMatchObject({ kind: 'manifest', items: 2, clouds: 3, cameras: [{ name: 'front', pictures: 2 }], marks: 0, missing: ['b/0.png'], left: ['tours/notes.txt'], wrong: ['Row 3 is not valid JSON'] })
    expect(found?.parts.map(({ externalId, part }) => [externalId, part])).toEqual(['a/0.bin', 'a/0.png', 'a/1.bin', 'a/1.png', 'b/0.bin'].map((name) => [name, true]))
  })

  it('is told by the folders of KITTI, a frame without labels too', async () => {
    const names = ['velodyne/000000.bin', 'velodyne/000001.bin', 'velodyne/000002.bin', 'image_2/000000.png', 'image_3/000000.png']
    const found = await sceneFolder([
      ...names.map((name) => file(`/kitti/training/${name}`)), file('/kitti/testing/velodyne/000000.bin'),
      file('/kitti/training/calib/000000.txt', 'P2: 1\nP3: 1\n'), file('/kitti/training/calib/000001.txt', 'P2: 1\n'),
      file('/kitti/training/label_2/000000.txt', 'Car 0 0\nDontCare 0\nVan 0 0\n'),
    ])
    expect(found).toMatchObject({ kind: 'kitti', items: 2, clouds: 2, marks: 2, cameras: [{ name: 'image_2', pictures: 1 }, { name: 'image_3', pictures: 1 }], missing: [], wrong: ['Frame 000002 has no calibration'], left: ['kitti/testing/velodyne/000000.bin', 'kitti/training/velodyne/000002.bin'] })
    expect(found?.parts.map(({ externalId }) => externalId)).toEqual(['image_2/000000.png', 'image_3/000000.png', 'velodyne/000000.bin', 'velodyne/000001.bin'])
  })

  it('is told by the tables of nuScenes: the key frames come in', async () => {
    const table = (name: string, rows: unknown[]) => file(`/nu/v1.0-mini/${name}.json`, JSON.stringify(rows))
    const data = (filename: string, sensor: string, is_key_frame: boolean) => ({ filename, calibrated_sensor_token: sensor, is_key_frame })
    const found = await sceneFolder([
      table('sensor', [{ token: 's1', channel: 'LIDAR_TOP', modality: 'lidar' }, { token: 's2', channel: 'CAM_FRONT', modality: 'camera' }]),
      table('calibrated_sensor', [{ token: 'c1', sensor_token: 's1' }, { token: 'c2', sensor_token: 's2' }]),
      table('sample_data', [data('samples/LIDAR_TOP/0.pcd.bin', 'c1', true), data('samples/CAM_FRONT/0.jpg', 'c2', true), data('sweeps/LIDAR_TOP/1.pcd.bin', 'c1', false)]),
      table('sample', [{}]), table('sample_annotation', [{}, {}]),
      ...['samples/LIDAR_TOP/0.pcd.bin', 'samples/CAM_FRONT/0.jpg', 'sweeps/LIDAR_TOP/1.pcd.bin'].map((name) => file(`/nu/${name}`)),
    ])
    expect(found).toMatchObject({ kind: 'nuscenes', items: 1, clouds: 1, marks: 2, cameras: [{ name: 'CAM_FRONT', pictures: 1 }], left: ['nu/sweeps/LIDAR_TOP/1.pcd.bin'], missing: [] })
  })

  it('is nothing of that where nothing says how its files belong together', async () => {
    const files = [file('/a/0.bin'), file('/a/0.png')]
    expect(await sceneFolder(files)).toBeNull()
    expect(isWithPictures(files)).toBe(true)
    expect(await sceneFolder([...files, file('/a/notes.jsonl', '{"text":"hello"}\n')])).toBeNull()
  })
})

it('an archive is one that tar reads, long names and all', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fairmark-tar-'))
  const long = `${'folder/'.repeat(14)}a-name-that-is-long-enough.txt`
  const archive = packed('labels.tar', [['label_2/000000.txt', new Blob(['Car\n'])], [long, new Blob(['y'.repeat(700)])], ['empty.txt', new Blob([])]])
  writeFileSync(join(folder, 'labels.tar'), Buffer.from(await archive.arrayBuffer()))
  execFileSync('tar', ['xf', 'labels.tar'], { cwd: folder })
  expect(readFileSync(join(folder, 'label_2/000000.txt'), 'utf8')).toBe('Car\n')
  expect(readFileSync(join(folder, long), 'utf8')).toHaveLength(700)
  expect(readFileSync(join(folder, 'empty.txt'), 'utf8')).toBe('')
  rmSync(folder, { recursive: true })
})
