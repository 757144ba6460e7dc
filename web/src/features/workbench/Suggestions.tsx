/** What is suggested: each to be taken, or turned down, by itself or all at once; and the model that may be asked for more. */
import { useEffect, useRef, useState } from 'react'
import { type Editor, excerpt, kinds, sameJson } from '../../canvas'
import { Button, IconButton } from '../../ui/Button'
import { number, percent } from '../../ui/format'
import { Select } from '../../ui/Select'
import type { Ontology } from '../queue/model'
import type { Ghost, Suggestions } from '../queue/suggestions'
import type { Work } from '../queue/work'
import { Glyph, ToolGlyph } from './Glyph'
import { Hint } from './Hint'
import { Section } from './Side'
import css from './Suggestions.module.css'
import { classNamed } from './classes'
import { type FrameCommand, frameKey, keyLabel } from './keys'
import type { AskState, Asking } from './useAsking'
import { useEditor, useStateOf } from './useEditor'

/** The keys of suggestions, and of asking for them. */
export function suggestionKeys(suggestions: Suggestions, asking: Asking): FrameCommand[] {
  const all = () => suggestions.state.waiting.map(({ id }) => id)
  const current = () => {
    const { current: ghost } = suggestions
    return ghost === null ? [] : [ghost.id]
  }
  return [
    frameKey('suggestion.take', 'Take the suggestion', ['Semicolon'], () => suggestions.take(current())),
    frameKey('suggestion.down', 'Turn the suggestion down', ['Quote'], () => suggestions.turnDown(current())),
    frameKey('suggestion.next', 'Next suggestion', ['Backquote'], () => suggestions.step(1)),
    frameKey('suggestion.previous', 'Previous suggestion', ['Shift+Backquote'], () => suggestions.step(-1)),
    frameKey('suggestion.all', 'Take all suggestions', ['Alt+Semicolon'], () => suggestions.take(all())),
    frameKey('suggestion.none', 'Turn all suggestions down', ['Alt+Quote'], () => suggestions.turnDown(all())),
    ...(asking.prompter?.takes.includes('picture') === true ? [frameKey('ask.all', 'Ask a model about all of it', ['Alt+Backslash'], asking.askAll)] : []),
  ]
}

interface Props {
  work: Work
  ontology: Ontology
  asking: Asking
}

/** Says nothing where nothing is suggested and nobody can be asked. */
export function SuggestionsPanel({ work, ontology, asking }: Props) {
  const { suggestions, editor } = work
  const { waiting, turnedDown } = useStateOf(suggestions)
  const ghost = useEditor(editor, ({ session }) => session.ghost)
  if (waiting.length === 0 && turnedDown === 0 && asking.prompter === null) return null
  const ids = waiting.map(({ id }) => id)
  const model = waiting[0]?.model ?? null
  return (
    <Section
      part="always"
      title={waiting.length === 0 ? 'Suggestions' : `Suggestions, ${number(waiting.length)}`}
      extra={waiting.length > 1 && (
        <span className={css.all}>
          <Button size="small" onPress={() => suggestions.take(ids)}>Take all</Button>
          <Button size="small" look="quiet" onPress={() => suggestions.turnDown(ids)}>Take none</Button>
        </span>
      )}
    >
      {waiting.length > 0 && (
        <>
          <p className={css.by}>{model === null ? 'They came with the data.' : <>By <bdi>{model}</bdi>.</>} Only what you take becomes part of your answer.</p>
          <ul className={css.list} aria-label="Suggestions">
            {waiting.map((each) => (
              <Row key={each.id} editor={editor} ghost={each} ontology={ontology} suggestions={suggestions} isCurrent={each.id === (ghost ?? suggestions.current?.id)} isPointedAt={each.id === ghost} />
            ))}
          </ul>
          <p className={css.keys}><Hint>{keyLabel('Semicolon')}</Hint> takes, <Hint>{keyLabel('Quote')}</Hint> turns down, <Hint>{keyLabel('Backquote')}</Hint> goes on</p>
        </>
      )}
      {turnedDown > 0 && <p className={css.by}>{number(turnedDown)} turned down. <button type="button" className={css.link} onClick={() => suggestions.bringBack()}>Bring back</button></p>}
      {asking.prompter !== null && <Ask asking={asking} hasPlaces={editor.tools.includes('ask')} onPoint={() => editor.setTool('ask')} />}
    </Section>
  )
}

interface RowProps {
  editor: Editor
  ghost: Ghost
  ontology: Ontology
  suggestions: Suggestions
  isCurrent: boolean
  isPointedAt: boolean
}

function Row({ editor, ghost, ontology, suggestions, isCurrent, isPointedAt }: RowProps) {
  const { id, score, record } = ghost
  const row = useRef<HTMLLIElement>(null)
  // What is pointed at on the picture is to be seen here.
  useEffect(() => {
    if (isPointedAt) row.current?.scrollIntoView({ block: 'nearest' })
  }, [isPointedAt])
  const name = nameOf(editor, ghost, ontology)
  return (
    <li ref={row} className={css.row} data-current={isCurrent ? '' : undefined} onPointerEnter={() => suggestions.hover(id)}>
      <button type="button" className={css.name} aria-current={isCurrent ? 'true' : undefined} onClick={() => suggestions.focus(id)}>
        {ghost.kind !== 'attribute' && <span className={css.swatch} style={{ background: classNamed(ontology, ghost.class).color }} />}
        {record !== null && <span className={css.kind} title={kinds[record.shape.type].name}>{record.shape.type === 'span' ? <Glyph name="span" size={16} /> : <ToolGlyph id={record.shape.type} size={16} />}</span>}
        <span className={css.text} dir="auto">{name}</span>
        {record?.camera !== undefined && <small dir="auto">{record.camera}</small>}
        {score !== null && <small>{percent(score)}</small>}
      </button>
      <IconButton size="small" icon="check" label={`Take: ${name}`} onPress={() => suggestions.take([id])} />
      <IconButton size="small" icon="x" label={`Turn down: ${name}`} onPress={() => suggestions.turnDown([id])} />
    </li>
  )
}

function nameOf(editor: Editor, ghost: Ghost, ontology: Ontology): string {
  const { name } = classNamed(ontology, ghost.class)
  if (ghost.record?.shape.type === 'span') return `${name} “${excerpt(editor, ghost.record.shape, 40)}”`
  if (ghost.kind !== 'attribute') return name
  const attribute = ontology.attributes.find(({ key }) => key === ghost.class)
  const values = Array.isArray(ghost.value) ? ghost.value : [ghost.value]
  const said = values.map((value) => attribute?.options?.find(({ key }) => sameJson(key, value))?.name ?? String(value))
  return `${attribute?.name ?? ghost.class}: ${said.join(', ')}`
}

function Ask({ asking, hasPlaces, onPoint }: { asking: Asking; hasPlaces: boolean; onPoint: () => void }) {
  const { prompters, prompter, state } = asking
  const isAsking = state.kind === 'asking'
  return (
    <div className={css.ask}>
      {prompters.length > 1 && <Select label="Model" hideLabel value={prompter?.id ?? null} options={prompters.map(({ id, name }) => ({ value: id, label: name }))} onChange={asking.choose} />}
      <div className={css.acts}>
        {prompter?.takes.includes('picture') === true && <Button size="small" icon="search" isDisabled={isAsking} onPress={asking.askAll}>Ask {prompters.length > 1 ? 'it' : prompter.name}</Button>}
        {hasPlaces && <Button size="small" look="quiet" onPress={onPoint}>Point at something <Hint>{keyLabel('Backslash')}</Hint></Button>}
      </div>
      <Told state={state} onCancel={asking.cancel} />
    </div>
  )
}

/** How the question goes: what is being asked and for how long, and what came of it. */
function Told({ state, onCancel }: { state: AskState; onCancel: () => void }) {
  if (state.kind === 'idle') return null
  if (state.kind === 'asking') {
    return (
      <p className={css.told} role="status">
        <span className={css.spin} aria-hidden="true" />
        {state.about === 'place' ? 'Looking there…' : 'Looking…'} <Seconds since={state.since} />
        <Button size="small" look="quiet" onPress={onCancel}>Cancel</Button>
      </p>
    )
  }
  if (state.kind === 'failed') return <p className={css.told} data-bad="" role="alert">{state.message}</p>
  return <p className={css.told} role="status">{state.count === 0 ? 'It sees nothing there.' : `${number(state.count)} suggested.`}</p>
}

function Seconds({ since }: { since: number }) {
  const [now, setNow] = useState(since)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  const seconds = Math.floor((now - since) / 1_000)
  return seconds < 1 ? null : <span>{number(seconds)} s</span>
}
