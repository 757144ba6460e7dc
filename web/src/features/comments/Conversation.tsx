/** The conversation about one answer, without its picture: fetched when somebody opens one. */
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import * as q from '../../api/queries'
import { Button } from '../../ui/Button'
import { Dialog } from '../../ui/Dialog'
import { openHome } from '../queue/home'
import { useSession } from '../session'
import { useStateOf } from '../workbench/useEditor'
import { type Side, Threads } from './Comments'
import { NEW, Talk } from './talk'

export interface ConversationProps {
  answer: string
  name: string
  side: Side
  onClose: () => void
}

export function Conversation({ answer, name, side, onClose }: ConversationProps) {
  const talk = useTalk(answer)
  return (
    <Dialog title={`Comments on ${name}`} open onClose={onClose} foot={<Button onPress={onClose}>Close</Button>}>
      {talk !== null && <><Threads talk={talk} side={side} /><Begin talk={talk} /></>}
    </Dialog>
  )
}

/** The conversation about an answer, kept up to date for as long as it is shown. */
export function useTalk(answer: string): Talk | null {
  const { person, organization } = useSession()
  const client = useQueryClient()
  const [talk, setTalk] = useState<Talk | null>(null)
  const home = organization?.id ?? null
  useEffect(() => {
    if (home === null) return
    let made: Talk | null = null
    let gone = false
    const open = async () => {
      const { place } = await openHome(home, person.id)
      const { items } = await client.fetchQuery(q.comments(answer))
      if (gone) return
      made = new Talk(place, answer, items)
      setTalk(made)
      await made.start((inbox) => client.setQueryData(q.inbox.queryKey, inbox))
    }
    open().catch(() => undefined)
    return () => {
      gone = true
      made?.close()
    }
  }, [home, person.id, answer, client])
  return talk
}

/** The threads about an answer, for those who look at its task. */
export function AnswerTalk({ answer, isReader, side }: { answer: string; isReader: boolean; side: Side }) {
  const talk = useTalk(answer)
  if (talk === null) return null
  return (
    <>
      <Threads talk={talk} side={side} isReader={isReader} />
      {!isReader && <Begin talk={talk} />}
    </>
  )
}

/** Begins a thread about the answer as a whole, where there is no picture to point at. */
function Begin({ talk }: { talk: Talk }) {
  const { drafts } = useStateOf(talk)
  if (drafts[NEW] !== undefined) return null
  return <div><Button size="small" onPress={() => talk.write(NEW, { text: '', pin: null })}>Comment</Button></div>
}
