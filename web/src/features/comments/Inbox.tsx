/** What was said to this person and not read yet. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import * as q from '../../api/queries'
import type { InboxItem } from '../../api/types'
import { Button, LinkButton } from '../../ui/Button'
import { number } from '../../ui/format'
import { Section } from '../../ui/Page'
import { Late, useLate } from '../../ui/late'
import type { ConversationProps } from './Conversation'
import css from './Comments.module.css'

/** Says nothing where there is nothing. */
export function InboxSection() {
  const inbox = useQuery(q.inbox)
  const [open, setOpen] = useState<InboxItem | null>(null)
  const items = inbox.data?.items ?? []
  if (items.length === 0 && open === null) return null
  return (
    <Section title={`New comments, ${number(inbox.data?.unread ?? 0)}`}>
      <ul className={css.rows}>
        {items.map((item) => (
          <li key={item.answer} className={css.row}>
            <div>
              <strong dir="auto">{item.name}</strong>
              <small><span dir="auto">{item.project_name}</span> · {item.unread === 1 ? 'one comment' : `${number(item.unread)} comments`} on {item.own ? 'your answer' : 'an answer that you talked of'}</small>
            </div>
            {!item.own && <LinkButton to="/projects/$project/tasks/$task" params={{ project: item.project, task: item.task }} size="small">See the task<span className="sr">: {item.name}</span></LinkButton>}
            <Button size="small" look="primary" onPress={() => setOpen(item)}>Read<span className="sr">: {item.name}</span></Button>
          </li>
        ))}
      </ul>
      {open !== null && <Conversation answer={open.answer} name={open.name} side={open.own ? 'contributor' : 'reviewer'} onClose={() => setOpen(null)} />}
    </Section>
  )
}

const conversation = new Late(() => import('./Conversation'))

export function Conversation(props: ConversationProps) {
  const { Conversation: Opened } = useLate(conversation, true) ?? {}
  return Opened === undefined ? null : <Opened {...props} />
}
