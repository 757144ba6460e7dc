import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type KeyboardEvent, useEffect, useState } from 'react'
import { post } from '../../api/client'
import * as q from '../../api/queries'
import type { Format, FormatOffer, Project, Release } from '../../api/types'
import { Note, SkeletonRows } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Checkbox } from '../../ui/Choice'
import { Dialog } from '../../ui/Dialog'
import { ErrorNote, ErrorState } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { number } from '../../ui/format'
import { layout } from '../../ui/Page'
import { toast } from '../../ui/toast'
import { FormatLoss } from './FormatLoss'
import { about, chosenFirst, lossesOf, recommended, shelves } from './formats'
import css from './Releases.module.css'

/** Chooses formats, and says beforehand what they cannot hold of the labels that are there. */
export function NewRelease({ project, onClose }: { project: Project; onClose: () => void }) {
  const client = useQueryClient()
  const offers = useQuery(q.releaseFormats(project.id))
  const [name, setName] = useState('')
  const [wanted, setWanted] = useState<readonly Format[]>(() => chosenFirst(project.question))
  const [pictures, setPictures] = useState(false)
  const [open, setOpen] = useState(false)
  // In the order of the server, so that the same choice is the same question.
  const chosen = (offers.data?.items ?? []).map((offer) => offer.format).filter((format) => wanted.includes(format))
  const make = useMutation({
    meta: { shown: true },
    mutationFn: () => post<Release>(`/api/projects/${project.id}/releases`, { formats: chosen, ...(name.trim() ? { name: name.trim() } : {}), ...(pictures ? { with_pictures: true } : {}), ...(open && chosen.includes('native') ? { with_open: true } : {}) }),
    onSuccess: async () => {
      await Promise.all([client.invalidateQueries({ queryKey: ['releases', project.id] }), client.invalidateQueries({ queryKey: ['jobs'] })])
      toast('The release is being made. You may leave this page.', { tone: 'good' })
      onClose()
    },
  })
  return (
    <Dialog
      title="Make a release" open wide onClose={onClose} onSubmit={() => make.mutate()}
      foot={<><Button onPress={onClose}>Cancel</Button><Button type="submit" look="primary" isDisabled={chosen.length === 0} busy={make.isPending}>Make the release</Button></>}
    >
      <p>{number(project.counts.done)} of {number(project.counts.tasks - project.counts.canceled)} tasks are done and go in. A release never changes afterwards.</p>
      <Field label="Name" optional maxLength={200} value={name} onChange={setName} placeholder="For the March training run" />
      {offers.isPending ? <SkeletonRows rows={4} />
        : offers.isError ? <ErrorState error={offers.error} retry={() => void offers.refetch()} />
        : <Formats project={project} offers={offers.data.items} chosen={chosen} onChange={setWanted} />}
      {chosen.includes('native') && <Checkbox label="The whole project" help="In the Fairmark file also tasks without a label, and gold. It reads back to the same state." checked={open} onChange={setOpen} />}
      {project.question.media !== 'text' && <Checkbox label={project.question.media === 'cloud' ? 'With the clouds and pictures' : 'With the pictures'} help="Larger and slower; the labels alone are enough where you have the pictures." checked={pictures} onChange={setPictures} />}
      {chosen.length > 0 && <Preview project={project} chosen={chosen} />}
      <ErrorNote error={make.error} />
    </Dialog>
  )
}

interface Choosing {
  project: Project
  offers: readonly FormatOffer[]
  chosen: readonly Format[]
  onChange: (chosen: readonly Format[]) => void
}

/** The few that most people want, and all others behind a word. */
function Formats({ project, offers, chosen, onChange }: Choosing) {
  const [filter, setFilter] = useState('')
  // What was chosen when the filter was typed stays, too, so that nothing goes from under a hand that takes it back.
  const [kept, setKept] = useState<readonly Format[]>([])
  const narrow = (text: string) => {
    setFilter(text)
    setKept(chosen)
  }
  const first = recommended(project.question).filter((format) => offers.some((offer) => offer.format === format))
  const rest = offers.length - first.length
  const further = chosen.filter((format) => !first.includes(format))
  const shelved = shelves(offers, first, filter, [...chosen, ...kept])
  const found = shelves(offers, first, filter, []).reduce((sum, shelf) => sum + shelf.formats.length, 0)
  const box = (format: Format) => (
    <Checkbox key={format} label={about(format).name} help={about(format).help} checked={chosen.includes(format)} onChange={(on) => onChange(on ? [...chosen, format] : chosen.filter((each) => each !== format))} />
  )
  // Enter in the filter must not make the release, nor Escape close the dialog while it has a word.
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Enter') event.preventDefault()
    if (event.key === 'Escape' && filter) {
      event.preventDefault()
      event.stopPropagation()
      narrow('')
    }
  }
  return (
    <>
      <fieldset className={css.formats}>
        <legend className="sr">Formats</legend>
        {first.map(box)}
      </fieldset>
      {rest > 0 && (
        <details className={css.more}>
          <summary>
            More formats ({number(rest)})
            {further.length > 0 && <span className={layout.quiet}> chosen: {further.map((format) => about(format).name).join(', ')}</span>}
          </summary>
          <div className={css.shelves}>
            <Field label="Filter formats" hideLabel icon="search" type="search" placeholder="YOLO, Parquet, masks…" value={filter} onChange={narrow} onKeyDown={keys} />
            {shelved.map(({ title, formats }) => (
              <fieldset key={title} className={css.shelf}>
                <legend>{title}</legend>
                {formats.map(box)}
              </fieldset>
            ))}
            <p role="status" className={found > 0 ? 'sr' : layout.quiet}>
              {filter.trim() && (found === 0 ? 'No other format that fits this project has these words.' : found === 1 ? 'One format' : `${number(found)} formats`)}
            </p>
          </div>
        </details>
      )}
    </>
  )
}

/** For how long a choice must stand before it is counted. */
const SETTLED_MS = 350

/** What a choice came to when it was last left alone. */
function useSettled(formats: readonly Format[]): readonly Format[] {
  const [settled, setSettled] = useState(formats)
  const now = formats.join(',')
  const before = settled.join(',')
  useEffect(() => {
    if (now === before) return
    const timer = setTimeout(() => setSettled(now.split(',') as Format[]), SETTLED_MS)
    return () => clearTimeout(timer)
  }, [now, before])
  return settled
}

/** What the chosen formats would lose of the labels that are there now, counted by the server. */
function Preview({ project, chosen }: { project: Project; chosen: readonly Format[] }) {
  const asked = useSettled(chosen)
  const preview = useQuery({ ...q.releasePreview(project.id, asked), placeholderData: keepPreviousData })
  const { data } = preview
  const counted = chosen.every((format) => data?.formats.includes(format))
  const failed = preview.isError && asked.join(',') === chosen.join(',')
  const perFormat = lossesOf(data?.loss ?? [], chosen).slice(0, chosen.length)
  return (
    <section className={css.preview} aria-busy={!counted && !failed}>
      <div className={layout.between}>
        <h3>What these formats cannot hold</h3>
        <span role="status" className={layout.quiet}>{failed ? '' : counted && data ? lookedAt(data.tasks, data.looked_at) : 'Counting…'}</span>
      </div>
      {failed && (
        <Note tone="bad" live title="What would be lost could not be counted">
          <p>{preview.error.message} The release can be made all the same, and tells it afterwards.</p>
          <div className={layout.row}><Button size="small" icon="retry" busy={preview.isFetching} onPress={() => void preview.refetch()}>Count again</Button></div>
        </Note>
      )}
      {perFormat.map(({ format, losses, count }) => {
        const known = data?.formats.includes(format) ?? false
        const rules = about(format).loses?.(project) ?? []
        if (known && data?.looked_at === 0 && rules.length === 0) return null
        return <FormatLoss key={format} format={format} losses={known ? losses : []} count={count} rules={rules} open={chosen.length <= 3} {...(known && data && data.looked_at > 0 ? {} : { state: known ? '' : failed ? 'not counted' : 'counting…' })} />
      })}
    </section>
  )
}

const lookedAt = (tasks: number, looked: number): string =>
  tasks === 0 || looked === 0 ? 'No task is done yet, so there is nothing to count.'
    : looked < tasks ? `Counted in the first ${number(looked)} of ${number(tasks)} labelled tasks.`
    : tasks === 1 ? 'Counted in the one labelled task.'
    : `Counted in all ${number(tasks)} labelled tasks.`
