/** The frame around every task: header, notices, instructions, stage and side panel. */
import { type ReactNode, useEffect } from 'react'
import type { Binding } from '../../canvas'
import { Button, IconButton } from '../../ui/Button'
import { Kbd } from '../../ui/Kbd'
import { Menu, MenuItem } from '../../ui/Menu'
import { Late, useLate } from '../../ui/late'
import { keptOf } from '../kept'
import type { ClaimsOnScreen } from '../queue/claims'
import { useSession } from '../session'
import css from './Bench.module.css'
import { Guide } from './Guide'
import { Header, LeaseState, SaveState, WorkedTime } from './Header'
import { Hint } from './Hint'
import { Notices } from './Notices'
import { SkipDialog } from './Skip'
import { type FrameCommand, frameKey, keyLabel } from './keys'
import { AIDS, keepAids, stepLight, toggleAid } from './look'
import { keyChangesOf, useRemapping } from './remapping'
import type { Bench } from './useBench'
import { useStateFor, useStateOf } from './useEditor'
import { type EditorKeys, useKeys } from './useKeys'

/** The instructions beside the work: open or not, and at which clause. */
export interface GuideState {
  readonly isOpen: boolean
  readonly clause: string | null
  toggle(): void
  read(clause: string): void
}

export function useGuide(task: object): GuideState {
  const [isOpen, setOpen] = useStateFor(task, false)
  const [clause, setClause] = useStateFor<string | null>(task, null)
  return {
    isOpen,
    clause,
    toggle: () => setOpen(!isOpen),
    read: (to) => {
      setClause(to)
      setOpen(true)
    },
  }
}

// Rarely opened, so fetched when they are.
const keyList = new Late(() => import('./KeyList'))
const cropGrid = new Late(() => import('./Crops'))
const commandPalette = new Late(() => import('./CommandPalette'))

const aidKeys = { guides: ['Lines through the pointer', 'Alt+KeyG'], rulers: ['Rulers', 'Alt+KeyR'], map: ['Small map', 'Alt+KeyM'] } as const

/** How the picture is looked at, by keys. */
const looking: readonly FrameCommand[] = [
  ...AIDS.map((aid) => frameKey(`aid.${aid}`, aidKeys[aid][0], [aidKeys[aid][1]], () => toggleAid(aid))),
  frameKey('light.up', 'Brighter', ['Alt+Equal'], () => stepLight('brightness', 1)),
  frameKey('light.down', 'Darker', ['Alt+Minus'], () => stepLight('brightness', -1)),
  frameKey('contrast.up', 'More contrast', ['Alt+BracketRight'], () => stepLight('contrast', 1)),
  frameKey('contrast.down', 'Less contrast', ['Alt+BracketLeft'], () => stepLight('contrast', -1)),
]

interface FrameProps {
  bench: Bench
  guide: GuideState
  /** The main buttons: in the header, and at the foot of a narrow page. */
  acts: ReactNode
  commands: readonly FrameCommand[]
  editorKeys: EditorKeys
  /** The keys of the classes. */
  classes: readonly Binding[]
  /** What the key of a class does, where it is not the editor's own doing. */
  onClass?: ((key: string) => void) | undefined
  tools?: ReactNode
  stage: ReactNode
  side: ReactNode
  /** Where nothing was claimed there is nothing to skip or to give back: one takes another, or leaves. */
  leaving?: { readonly other: (() => void) | undefined; readonly leave: () => void }
}

export function Frame({ bench, guide, acts, commands, editorKeys, classes, onClass, tools, stage, side, leaving }: FrameProps) {
  const { home, claims, work, project, editor } = bench
  const [dialog, setDialog] = useStateFor<'keys' | 'skip' | 'commands' | 'crops' | null>(work, null)
  const hasCrops = project.question.media === 'image' && project.question.shapes.length > 0
  const own = [
    ...commands,
    ...(leaving === undefined ? [frameKey('skip', 'Skip this task', ['Shift+KeyS'], () => setDialog('skip'))] : []),
    frameKey('guide', 'Instructions', ['Shift+KeyI'], guide.toggle),
    frameKey('note', 'Write a note', ['Shift+KeyN'], () => document.getElementById('bench-note')?.focus()),
    frameKey('keys', 'Keys, and changing them', ['Shift+Slash', 'F1'], () => setDialog('keys')),
    frameKey('commands', 'All commands', ['Mod+KeyK'], () => setDialog('commands')),
    ...(project.question.media === 'image' ? looking : []),
    ...(hasCrops ? [frameKey('crops', 'At a glance: confirm or flag', ['Alt+KeyV'], () => setDialog('crops'))] : []),
  ]
  const { person, organization } = useSession()
  const kept = keptOf(person.id, organization?.id ?? null)
  const changes = keyChangesOf(kept, person.id)
  useEffect(() => keepAids(kept), [kept])
  const keys = useKeys({ editor, frame: own, editorKeys, classes, onClass, remapping: useRemapping(changes) })
  const { KeyList } = useLate(keyList, dialog === 'keys') ?? {}
  const { Crops } = useLate(cropGrid, dialog === 'crops') ?? {}
  const { CommandPalette } = useLate(commandPalette, dialog === 'commands') ?? {}
  const run = (id: string) => {
    const command = keys.frame.get(id)
    if (command !== undefined) command.run()
    else if (id.startsWith('class.') && onClass !== undefined) onClass(id.slice('class.'.length))
    else editor.run(id)
  }
  const { claim } = work
  const name = claim.item.name || claim.item.external_id

  return (
    <main className={css.bench} data-workbench="">
      <Header
        projectId={project.id}
        projectName={project.name}
        title={name}
        acts={
          <>
            <IconButton icon="book" label="Instructions" shortcut={keyLabel('Shift+KeyI')} aria-pressed={guide.isOpen} onPress={guide.toggle} />
            <Menu label="More" trigger={<IconButton icon="more" label="More" />}>
              {leaving === undefined && <MenuItem icon="flag" onAction={() => setDialog('skip')} text="Skip this task">Skip this task <Kbd>{keyLabel('Shift+KeyS')}</Kbd></MenuItem>}
              {leaving === undefined && <MenuItem icon="retry" onAction={() => void bench.giveBack()} text="Give it back">Give it back</MenuItem>}
              {leaving?.other && <MenuItem icon="flag" onAction={leaving.other} text="Another task">Another task <Kbd>{keyLabel('Shift+KeyS')}</Kbd></MenuItem>}
              {leaving && <MenuItem icon="x" onAction={leaving.leave} text="Leave">Leave</MenuItem>}
              {hasCrops && <MenuItem icon="check" onAction={() => setDialog('crops')} text="At a glance">At a glance <Kbd>{keyLabel('Alt+KeyV')}</Kbd></MenuItem>}
              <MenuItem icon="search" onAction={() => setDialog('commands')} text="All commands">All commands <Kbd>{keyLabel('Mod+KeyK')}</Kbd></MenuItem>
              <MenuItem icon="list" onAction={() => setDialog('keys')} text="Keys">Keys <Kbd>?</Kbd></MenuItem>
            </Menu>
            <span className={css.mainActs}>{acts}</span>
          </>
        }
      >
        <LeaseState claims={claims} />
        <SaveState work={work} outbox={home.outbox} />
        {leaving === undefined && <WorkedTime key={work.submission} work={work} />}
      </Header>
      <Notices home={home} claims={claims} work={work} onNext={bench.next} />
      <div className={css.body} data-guide={guide.isOpen ? '' : undefined} data-tools={tools ? '' : undefined}>
        {guide.isOpen && (
          <aside className={css.guide} aria-label="Instructions">
            <Guide project={project.id} version={claim.instructions_version} newest={project.instructions_version} clause={guide.clause} onClose={guide.toggle} />
          </aside>
        )}
        {tools}
        <div className={css.stage}>{stage}</div>
        {side}
      </div>
      <footer className={css.foot}>{acts}</footer>
      {KeyList && <KeyList keys={keys} changes={changes} open={dialog === 'keys'} onClose={() => setDialog(null)} />}
      {CommandPalette && dialog === 'commands' && (
        <CommandPalette bindings={keys.map.bindings.filter(({ when }) => when.includes(editor.root.mode))} open onClose={() => setDialog(null)} onRun={run} />
      )}
      {Crops && dialog === 'crops' && <Crops bench={bench} open onClose={() => setDialog(null)} />}
      <SkipDialog
        key={work.submission}
        open={dialog === 'skip'}
        onClose={() => setDialog(null)}
        onSkip={(reason, text) => {
          setDialog(null)
          void bench.skip(reason, text)
        }}
      />
      {leaving === undefined ? <Told name={name} claims={claims} /> : <p className="sr" aria-live="polite">{name}</p>}
    </main>
  )
}

function Told({ name, claims }: { name: string; claims: ClaimsOnScreen }) {
  const waiting = useStateOf(claims, (state) => state.waiting)
  return <p className="sr" aria-live="polite">{`${name}. ${waiting} more waiting.`}</p>
}

export function MainButton({ children, shortcut, busy, onPress }: { children: ReactNode; shortcut: string; busy: boolean; onPress: () => void }) {
  return <Button look="primary" busy={busy} onPress={onPress}>{children} <Hint>{shortcut}</Hint></Button>
}
