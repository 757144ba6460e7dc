import type { Counts, ProjectState, Question, ShapeKind, TaskState } from '../../api/types'
import { Badge, Progress, type Tone } from '../../ui/Bits'
import { number } from '../../ui/format'
import css from './bits.module.css'

const stateTones: Record<ProjectState, Tone> = { draft: 'plain', published: 'good', paused: 'warn', archived: 'plain' }
export const stateNames: Record<ProjectState, string> = { draft: 'Draft', published: 'Published', paused: 'Paused', archived: 'Archived' }

export const ProjectBadge = ({ state }: { state: ProjectState }) => <Badge tone={stateTones[state]}>{stateNames[state]}</Badge>

export const taskTones: Record<TaskState, Tone> = { queued: 'plain', in_progress: 'info', in_review: 'violet', done: 'good', canceled: 'plain', error: 'bad' }
export const taskNames: Record<TaskState, string> = {
  queued: 'Queued', in_progress: 'In progress', in_review: 'In review', done: 'Done', canceled: 'Canceled', error: 'Error',
}
export const TaskBadge = ({ state }: { state: TaskState }) => <Badge tone={taskTones[state]}>{taskNames[state]}</Badge>

type Tally = Omit<Counts, 'tasks'>

/** How far the tasks of a project are: done, in review, in progress; what is left stays empty. */
export function TaskBar({ counts, total, thin, legend }: { counts: Tally; total: number; thin?: boolean; legend?: boolean }) {
  const parts = [
    { label: 'Done', value: counts.done, tone: 'good' },
    { label: 'In review', value: counts.in_review, tone: 'violet' },
    { label: 'In progress', value: counts.in_progress, tone: 'info' },
    { label: 'Error', value: counts.error, tone: 'bad' },
  ] as const
  return (
    <div className={css.tally}>
      <Progress label="Tasks" parts={parts} total={Math.max(1, total - counts.canceled)} thin={thin ?? false} />
      {legend && (
        <ul className={css.legend}>
          {[...parts, { label: 'Queued', value: counts.queued, tone: 'none' as const }, { label: 'Canceled', value: counts.canceled, tone: 'none' as const }]
            .filter((part) => part.value > 0 || part.label === 'Done' || part.label === 'Queued')
            .map((part) => <li key={part.label} data-tone={part.tone}>{part.label} <b>{number(part.value)}</b></li>)}
        </ul>
      )}
    </div>
  )
}

/** What several of them are called. */
export const shapeNames: Record<ShapeKind, string> = {
  box: 'boxes',
  turned: 'turned boxes',
  polygon: 'outlines',
  line: 'lines',
  point: 'points',
  ellipse: 'ellipses',
  keypoints: 'skeletons',
  mask: 'masks',
  solid: 'cuboids',
  cuboid3d: 'cuboids',
  points3d: 'classes of points',
}

/** What is asked, in a few words. */
export function questionText(question: Question): string {
  const media = { image: 'Images', video: 'Videos', text: 'Texts', cloud: 'Point clouds' }[question.media]
  const names = question.shapes.map((shape) => shapeNames[shape])
  const shapes = names.length > 3 ? `${names.length} kinds of shapes` : names.join(' and ')
  const choice = question.choice === 'single' ? 'one class each' : question.choice === 'multi' ? 'several classes each' : ''
  return `${media}: ${[shapes, question.spans === true ? 'spans' : '', choice].filter(Boolean).join(', ')}`
}

const PICTURED: readonly ShapeKind[] = ['box', 'polygon', 'point']

/** A small drawing of the question: one glance says which project this is. */
export function QuestionPicture({ question, size = 'small' }: { question: Question; size?: 'small' | 'large' }) {
  const { media, choice } = question
  // More than these on one picture, and none of them is seen.
  const shapes = question.shapes.length > 3 ? PICTURED : question.shapes
  return (
    <svg className={css.picture} data-size={size} viewBox="0 0 96 64" aria-hidden="true" focusable="false">
      {media === 'image' || media === 'video' ? (
        <>
          <rect x="4" y="4" width="88" height="56" rx="5" className={css.sheet} />
          <path d="M5 50 30 30l14 11 17-15 30 26v4a4 4 0 0 1-4 4H9a4 4 0 0 1-4-4z" className={css.hill} />
          <circle cx="74" cy="17" r="5" className={css.sun} />
          {media === 'video' && [10, 24, 38, 52, 66, 80].map((x) => <path key={x} d={`M${x} 8.500h6M${x} 55.500h6`} className={css.shape} style={{ fill: 'none', strokeWidth: 2 }} />)}
        </>
      ) : media === 'cloud' ? (
        <>
          <rect x="4" y="4" width="88" height="56" rx="5" className={css.sheet} />
          <path d="M12 52h.01M20 47h.01M28 51h.01M37 46h.01M46 52h.01M56 47h.01M64 52h.01M73 47h.01M82 51h.01M15 41h.01M78 40h.01M84 33h.01M12 33h.01" className={css.shape} style={{ strokeLinecap: 'round', strokeWidth: 3, fill: 'none' }} />
        </>
      ) : (
        <>
          <rect x="4" y="4" width="88" height="56" rx="5" className={css.sheet} />
          {[14, 22, 30].map((y, index) => <rect key={y} x="12" y={y} width={[62, 70, 44][index]} height="3" rx="1.5" className={css.hill} />)}
        </>
      )}
      {shapes.includes('box') && <rect x="17" y="20" width="28" height="26" rx="1" className={css.shape} />}
      {shapes.includes('cuboid3d') && <path d="M27 26 45 18l26 6v14L53 47l-26-7zM27 26l26 6v15M53 32l18-8" className={css.shape} />}
      {shapes.includes('polygon') && <path d="M58 24 74 27l7 13-12 9-15-7z" className={css.shape} />}
      {shapes.includes('mask') && <path d="M20 46c-4-9 6-8 7-15s11-9 14-2-3 8 1 13-3 9-10 9-10-1-12-5z" className={css.shape} />}
      {shapes.includes('turned') && <path d="m52 44 18-20 9 8-18 20z" className={css.shape} />}
      {shapes.includes('solid') && <path d="M52 28h18v18H52zM60 22h18v18M52 28l8-6M70 28l8-6M70 46l8-6" className={css.shape} />}
      {shapes.includes('ellipse') && <ellipse cx="66" cy="46" rx="14" ry="7" className={css.shape} />}
      {shapes.includes('line') && <path d="M14 54 34 40l16 5 32-26" className={css.shape} style={{ fill: 'none' }} />}
      {shapes.includes('point') && <path d="M30 26h.01M44 38h.01M60 24h.01M72 44h.01" className={css.shape} style={{ strokeLinecap: 'round', strokeWidth: 5 }} />}
      {shapes.includes('keypoints') && <path d="M48 18h.01M48 20v16M38 26l10-3 10 3M48 36l-7 14M48 36l7 14" className={css.shape} style={{ fill: 'none', strokeLinecap: 'round' }} />}
      {question.spans === true && (
        <>
          <rect x="11" y="20" width="30" height="7" rx="2" className={css.shape} />
          <rect x="34" y="28" width="24" height="7" rx="2" className={css.shape} />
        </>
      )}
      {choice && (
        <>
          <rect x="12" y="43" width="26" height="11" rx="5.5" className={css.chip} />
          <rect x="42" y="43" width="18" height="11" rx="5.5" className={choice === 'multi' ? css.chip : css.chipOff} />
          <rect x="64" y="43" width="20" height="11" rx="5.5" className={css.chipOff} />
        </>
      )}
    </svg>
  )
}
