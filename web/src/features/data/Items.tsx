import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useMemo, useState } from 'react'
import * as q from '../../api/queries'
import type { Item, Project } from '../../api/types'
import { EmptyState, SkeletonRows } from '../../ui/Bits'
import { ErrorState } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { ago, bytes, dateTime, number } from '../../ui/format'
import { type Column, Grid } from '../../ui/Grid'
import { Icon } from '../../ui/Icon'
import { Section } from '../../ui/Page'
import { SavedViews } from '../views/SavedViews'
import css from './Data.module.css'

export const Thumb = ({ url, text }: { url: string | null; text?: boolean }) =>
  url ? <img className={css.thumb} src={url} alt="" loading="lazy" decoding="async" /> : <span className={css.thumb}><Icon name={text ? 'text' : 'image'} size={18} /></span>

/** The file's own name first: in a long path it is the end that tells things apart. */
export function ExternalId({ id }: { id: string }) {
  const cut = id.lastIndexOf('/')
  return (
    <span className={css.id} title={id} dir="ltr">
      <span>{id.slice(cut + 1)}</span>
      {cut > 0 && <small>{id.slice(0, cut)}</small>}
    </span>
  )
}

const columns: Column<Item>[] = [
  {
    key: 'item', title: 'Item', width: 'minmax(220px, 1fr)',
    cell: (item) => <div className={css.item}><Thumb url={item.picture?.thumb_url ?? null} text={item.media === 'text'} /><ExternalId id={item.external_id} /></div>,
  },
  { key: 'size', title: 'Size', width: '130px', end: true, cell: (item) => (item.width && item.height ? `${number(item.width)} × ${number(item.height)}` : '–') },
  { key: 'bytes', title: 'Bytes', width: '96px', end: true, cell: (item) => bytes(item.bytes) },
  { key: 'at', title: 'Came in', width: '150px', cell: (item) => <time dateTime={item.created_at} title={dateTime(item.created_at)}>{ago(item.created_at)}</time> },
  { key: 'task', title: 'Task', width: '80px', cell: (item) => item.task && <Link to="/projects/$project/tasks/$task" params={{ project: item.project, task: item.task }} tabIndex={-1}>Open</Link> },
]

const NO_FILTER = {}

/** Everything that came in, the newest first as the server lists it, looked up by the beginning of its external id. */
export function Items({ project }: { project: Project }) {
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const wanted = useDeferredValue(text.trim())
  const list = useInfiniteQuery(q.items(project.id, wanted))
  const rows = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data])
  const more = () => {
    if (list.hasNextPage && !list.isFetchingNextPage) void list.fetchNextPage()
  }
  return (
    <Section title="Items" acts={<div className={css.search}><Field label="Search items" hideLabel icon="search" type="search" placeholder="External id begins with…" value={text} onChange={setText} /></div>}>
      <SavedViews project={project.id} page="items" filter={wanted === '' ? NO_FILTER : { q: wanted }} onTake={(filter) => setText(filter.q ?? '')} />
      {list.isPending ? <SkeletonRows />
        : list.isError ? <ErrorState error={list.error} retry={() => void list.refetch()} />
        : rows.length === 0 ? (wanted ? <EmptyState icon="search" title={`No item begins with “${wanted}”`} /> : <EmptyState icon="image" title="No data yet">What you bring in shows up here, each item with its task.</EmptyState>)
        : (
          <Grid
            label="Items" rows={rows} columns={columns} rowKey={(item) => item.id} rowHeight={54} least={640} partial={list.hasNextPage} onEnd={more}
            onOpen={(item) => item.task && void navigate({ to: '/projects/$project/tasks/$task', params: { project: project.id, task: item.task } })}
            foot={<span>{number(rows.length)} shown{list.hasNextPage ? ', more below' : ''}{list.isFetchingNextPage ? ' · loading…' : ''}</span>}
          />
        )}
    </Section>
  )
}
