/**
 * A task to be looked at: the item with one answer on it in the colours of the classes, or several
 * in the colours of their contributors, each to be shown or hidden.
 */
import { useEffect, useMemo, useState } from 'react'
import type { Answer as WireAnswer, Item as WireItem, Ontology as WireOntology } from '../../api/types'
import { type Answer, type Item, type Ontology, markedIn } from '../queue/model'
import { VoteList } from './Adjudicate'
import { CloudStage } from './CloudStage'
import { PicturePart } from './PicturePart'
import css from './Picture.module.css'
import { RigStage } from './RigStage'
import { TextStage } from './TextStage'
import { ZoomBar } from './Tools'
import { VideoStage } from './VideoStage'
import { withColors } from './classes'
import { type Layer, layerColor, lookingEditor, overlayEditor, showLayers, whoseOntology } from './overlay'

export interface NamedAnswer {
  readonly id: string
  readonly name: string
  readonly answer: WireAnswer
}

export function TaskPicture({ item: wire, ontology: plain, answers }: { item: WireItem; ontology: WireOntology; answers: readonly NamedAnswer[] }) {
  const item = wire as unknown as Item
  const ontology = useMemo(() => withColors(plain as unknown as Ontology), [plain])
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set())
  const layers = useMemo<Layer[]>(
    () => answers.map(({ id, name, answer }, i) => ({ id, name, color: layerColor(i), answer: answer as Answer })),
    [answers],
  )
  const editor = useMemo(() => {
    const [only, ...others] = layers
    if (others.length > 0) return overlayEditor(item, layers, ontology)
    return lookingEditor(item, ontology, only?.answer ?? {})
  }, [item, layers, ontology])
  useEffect(() => {
    if (layers.length > 1) showLayers(editor, hidden)
  }, [editor, hidden, layers])

  const hasChoices = layers.some(({ answer }) => (answer.choices?.length ?? 0) > 0)
  const hasMarks = layers.some(({ answer }) => markedIn(answer) > 0)
  const opinions = layers.map(({ id, name, answer }) => ({ id, contributor: { person: id, name }, answer, submitted_at: '' }))
  const toggle = (id: string) => {
    const next = new Set(hidden)
    if (!next.delete(id)) next.add(id)
    setHidden(next)
  }

  return (
    <div className={css.task} data-video={item.video != null ? '' : undefined}>
      {hasChoices && <div className={css.votes}><VoteList opinions={opinions} ontology={ontology} /></div>}
      {(!hasChoices || hasMarks) && layers.length > 1 && (
        <div className={css.legend}>
          {layers.map(({ id, name, color, answer }) => (
            <label key={id}>
              <input type="checkbox" checked={!hidden.has(id)} onChange={() => toggle(id)} />
              <span className={css.swatch} style={{ background: color }} />
              <span dir="auto">{name} ({markedIn(answer)})</span>
            </label>
          ))}
        </div>
      )}
      {item.video != null ? (
        <VideoStage editor={editor} item={item} ontology={layers.length > 1 ? whoseOntology(layers) : ontology} label={`${item.name}, with what is followed in it`} over={<ZoomBar editor={editor} />} />
      ) : item.scene != null ? (
        <div className={css.picture}><CloudStage editor={editor} item={item} label={`${item.name}, with what is marked in it`} /></div>
      ) : item.cameras !== undefined ? (
        <div className={css.picture}><RigStage editor={editor} item={item} label={`${item.name}, with what is marked on its pictures`} over={<ZoomBar editor={editor} />} /></div>
      ) : item.text !== null
        ? <TextStage editor={editor} label={`${item.name}, with what is marked in it`} />
        : (
          <div className={css.picture}>
            <PicturePart editor={editor} item={item} label={`${item.name}, with what is marked on it`} />
            <ZoomBar editor={editor} />
          </div>
        )}
    </div>
  )
}
