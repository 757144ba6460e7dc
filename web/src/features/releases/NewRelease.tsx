import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client'
import type { Format, Project, Release } from '../../api/types'
import { Note } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Checkbox } from '../../ui/Choice'
import { Dialog } from '../../ui/Dialog'
import { ErrorNote } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { number } from '../../ui/format'
import { toast } from '../../ui/toast'
import { formats } from './formats'
import css from './Releases.module.css'

/** Chooses formats, and says beforehand what they cannot hold: by rule, and as counted the last time. */
export function NewRelease({ project, last, onClose }: { project: Project; last: Release | null; onClose: () => void }) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const { media, shapes } = project.question
  const own: readonly Format[] = { image: ['coco'], video: ['cvat_video'], cloud: [shapes.includes('points3d') ? 'points' : 'cuboids'], text: [project.question.spans === true ? 'spans' : 'csv'] }[media] as Format[]
  const [chosen, setChosen] = useState<readonly Format[]>(['native', ...own])
  const [pictures, setPictures] = useState(false)
  const [open, setOpen] = useState(false)
  const make = useMutation({
    meta: { shown: true },
    mutationFn: () => post<Release>(`/api/projects/${project.id}/releases`, { formats: chosen, ...(name.trim() ? { name: name.trim() } : {}), ...(pictures ? { with_pictures: true } : {}), ...(open && chosen.includes('native') ? { with_open: true } : {}) }),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ['releases', project.id] }), client.invalidateQueries({ queryKey: ['jobs'] })])
      toast('The release is being made. You may leave this page.', { tone: 'good' })
      onClose()
    },
  })
  const solid = shapes.includes('cuboid3d')
  const fits: Partial<Record<Format, boolean>> = {
    coco: media === 'image' || media === 'video', csv: media !== 'video', spans: project.question.spans === true, cvat_video: media === 'video', mot: media === 'video',
    cuboids: solid, kitti: solid, points: shapes.includes('points3d'), nuscenes: media === 'cloud' && shapes.length > 0,
  }
  const offered = (Object.keys(formats) as Format[]).filter((format) => fits[format] !== false)
  const losses = chosen.flatMap((format) => [
    ...formats[format].loses(project).map((text) => `${formats[format].name}: ${text}`),
    ...(last?.loss ?? []).filter((each) => each.format === format).map((each) => `${formats[format].name}, in release ${last?.number}: ${each.what} (${number(each.count)})`),
  ])
  return (
    <Dialog
      title="Make a release" open wide onClose={onClose} onSubmit={() => make.mutate()}
      foot={<><Button onPress={onClose}>Cancel</Button><Button type="submit" look="primary" isDisabled={chosen.length === 0} busy={make.isPending}>Make the release</Button></>}
    >
      <p>{number(project.counts.done)} of {number(project.counts.tasks - project.counts.canceled)} tasks are done and go in. A release never changes afterwards.</p>
      <Field label="Name" optional maxLength={200} value={name} onChange={setName} placeholder="For the March training run" />
      <fieldset className={css.formats}>
        <legend className="sr">Formats</legend>
        {offered.map((format) => (
          <Checkbox key={format} label={formats[format].name} help={formats[format].help} checked={chosen.includes(format)} onChange={(on) => setChosen(on ? [...chosen, format] : chosen.filter((each) => each !== format))} />
        ))}
      </fieldset>
      {chosen.includes('native') && <Checkbox label="The whole project" help="In the Fairmark file also tasks without a label, and gold. It reads back to the same state." checked={open} onChange={setOpen} />}
      {project.question.media !== 'text' && <Checkbox label={project.question.media === 'cloud' ? 'With the clouds and pictures' : 'With the pictures'} help="Larger and slower; the labels alone are enough where you have the pictures." checked={pictures} onChange={setPictures} />}
      {losses.length > 0 && <Note tone="warn" title="What these formats cannot hold"><ul>{losses.map((line) => <li key={line}>{line}</li>)}</ul></Note>}
      <ErrorNote error={make.error} />
    </Dialog>
  )
}
