import { useState } from 'react'
import { Badge, Note } from '../../ui/Bits'
import { Button } from '../../ui/Button'
import { Radios } from '../../ui/Choice'
import { Dialog } from '../../ui/Dialog'
import { bytes, number } from '../../ui/format'
import { layout } from '../../ui/Page'
import css from './Found.module.css'
import { formatName } from './found'
import type { SceneFolder } from './scenes'

const SHOWN_MAX = 4

const some = (names: readonly string[]): string => `${names.slice(0, SHOWN_MAX).join(', ')}${names.length > SHOWN_MAX ? ` and ${number(names.length - SHOWN_MAX)} more` : ''}`

/** Tells what a folder of clouds holds, before anything of it is sent. */
export function ScenesDialog({ folder, onBring, onClose }: { folder: SceneFolder; onBring: (answers: 'labels' | 'suggestions') => void; onClose: () => void }) {
  const [answers, setAnswers] = useState<'labels' | 'suggestions'>('labels')
  const { kind, parts, items, clouds, cameras, marks, missing, left, wrong } = folder
  const size = parts.reduce((sum, { file }) => sum + file.size, 0)
  const nothing = items === 0 || (parts.length === 0 && missing.length === 0)
  return (
    <Dialog
      title="What is in this folder" open wide keep onClose={onClose} onSubmit={() => onBring(answers)}
      foot={<><Button onPress={onClose}>Cancel</Button><Button type="submit" look="primary" isDisabled={nothing}>Bring it in</Button></>}
    >
      <p className={css.what}>
        <Badge tone="info">{kind === 'manifest' ? 'Clouds with a manifest' : formatName(kind)}</Badge>
        <span>{number(parts.length)} files, {bytes(size)}. Nothing has been sent yet.</span>
      </p>
      <dl className={css.counts}>
        <div><dt>Items</dt><dd>{number(items)}</dd></div>
        <div><dt>Clouds</dt><dd>{number(clouds)}</dd></div>
        <div><dt>Cameras</dt><dd>{number(cameras.length)}</dd></div>
        <div><dt>Pictures</dt><dd>{number(cameras.reduce((sum, { pictures }) => sum + pictures, 0))}</dd></div>
        {marks !== null && <div><dt>Marks</dt><dd>{number(marks)}</dd></div>}
      </dl>
      {cameras.length > 0 && (
        <ul className={css.rows} aria-label="Cameras">
          {cameras.map(({ name, pictures }) => <li key={name}><span className={css.name} dir="auto">{name}</span><span className={layout.quiet}>{number(pictures)} {pictures === 1 ? 'picture' : 'pictures'}</span></li>)}
        </ul>
      )}
      {missing.length > 0 && (
        <Note tone="warn" title={`${number(missing.length)} named ${missing.length === 1 ? 'file is' : 'files are'} not in the folder`}>
          <span className={layout.quiet} dir="ltr">{some(missing)}</span>
          <span>What is in the project already is found there; {kind === 'manifest' ? 'items whose files are nowhere are refused' : 'a camera without its picture is left out'}.</span>
        </Note>
      )}
      {wrong.length > 0 && <Note tone="warn" title="Not everything can be taken"><span className={layout.quiet}>{some(wrong)}</span></Note>}
      {left.length > 0 && (
        <Note tone="info" title={`${number(left.length)} ${left.length === 1 ? 'file is' : 'files are'} named by nothing and ${left.length === 1 ? 'stays' : 'stay'} behind`}>
          <span className={layout.quiet} dir="ltr">{some(left)}</span>
        </Note>
      )}
      {marks !== 0 && (
        <Radios
          label="The marks are" value={answers} onChange={setAnswers}
          options={[
            { value: 'labels', label: 'Labels', help: 'Their tasks are done.' },
            { value: 'suggestions', label: 'Suggestions', help: 'People begin with them, and may change everything.' },
          ]}
        />
      )}
    </Dialog>
  )
}
