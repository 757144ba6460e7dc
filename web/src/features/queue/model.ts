/**
 * The documents of the loop, as `docs/spec/api.md` and `docs/spec/answers.md` define them. Nearly
 * nothing but types: what is right and wrong about an answer is decided in `check.ts`.
 */
import type { AttributeVotes, Thread } from '../../api/types'
import type { AnswerTrack, RelationKind, Shape, ShapeKind, Skeleton } from '../../canvas'
import type { Camera, Pose } from '../../canvas/kernels/space'

export type { AnswerTrack, Shape }

export type Value = boolean | string | number | readonly string[]
export type Values = Readonly<Record<string, Value>>

export interface AnswerObject {
  readonly id: string
  readonly class: string
  readonly shape: Shape
  readonly attributes?: Values
  readonly group?: number
  readonly camera?: string
}

/** A passage of the text, in code points, its end not included. */
export interface AnswerSpan {
  readonly id: string
  readonly class: string
  readonly start: number
  readonly end: number
  readonly attributes?: Values
  readonly group?: number
}

/** One object, or passage, stands so to another. */
export interface AnswerRelation {
  readonly relation: string
  readonly from: string
  readonly to: string
}

export interface Answer {
  readonly objects?: readonly AnswerObject[]
  readonly spans?: readonly AnswerSpan[]
  readonly tracks?: readonly AnswerTrack[]
  readonly relations?: readonly AnswerRelation[]
  readonly choices?: readonly string[]
  readonly attributes?: Values
  readonly note?: string
}

/** How many things are marked. */
export const markedIn = ({ objects = [], spans = [], tracks = [] }: Pick<Answer, 'objects' | 'spans' | 'tracks'>): number => objects.length + spans.length + tracks.length

/** Whether a class says something of the whole item, and of nothing in it. */
export const choosesOnly = ({ choice, spans }: Question): boolean => choice !== null && spans !== true

export interface OntologyClass {
  readonly key: string
  readonly name: string
  readonly color: string
  readonly hotkey?: string | null
  readonly parent?: string | null
  readonly description?: string | null
  readonly skeleton?: Skeleton | null
  readonly retired?: boolean
}

export interface Option {
  readonly key: string
  readonly name: string
  readonly retired?: boolean
}

export interface Attribute {
  readonly key: string
  readonly name: string
  readonly type: 'boolean' | 'select' | 'multi' | 'text' | 'number'
  readonly scope: 'object' | 'item'
  readonly classes?: readonly string[]
  readonly options?: readonly Option[]
  readonly required?: boolean
  readonly default?: Value | null
  readonly min?: number | null
  readonly max?: number | null
  /** Of an object in a video: whether it may be another at each keyframe. */
  readonly per_frame?: boolean
  readonly description?: string | null
  readonly retired?: boolean
}

export interface Ontology {
  readonly classes: readonly OntologyClass[]
  readonly attributes: readonly Attribute[]
  readonly relations?: readonly RelationKind[]
}

export type Media = 'image' | 'text' | 'video' | 'cloud'

export interface Question {
  readonly media: Media
  readonly shapes: readonly ShapeKind[]
  readonly choice: 'single' | 'multi' | null
  /** Whether passages of the text are marked. */
  readonly spans?: boolean
}

export interface Picture {
  readonly levels: readonly { readonly level: number; readonly width: number; readonly height: number }[]
  readonly tile_size: number
  readonly full_url: string | null
  readonly preview_url: string
  readonly thumb_url: string
  readonly tile_url: string
}

/** One of several pictures of one moment. */
export interface CameraPicture {
  readonly name: string
  readonly width: number
  readonly height: number
  readonly picture: Picture
}

export interface SceneCamera extends Camera {
  readonly name: string
  readonly url: string
}

export interface SceneCloud {
  readonly file: string
  readonly points: number
  readonly index_url: string
  readonly points_url: string
  readonly pose: Pose
  readonly time?: number | null
  readonly cameras: readonly SceneCamera[]
}

/** The clouds of an item, moment by moment, and the cameras that saw the same. */
export interface Scene {
  readonly clouds: readonly SceneCloud[]
}

export interface Item {
  readonly id: string
  readonly project: string
  readonly external_id: string
  readonly name: string
  readonly media: string
  readonly width: number | null
  readonly height: number | null
  readonly task: string
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly picture: Picture | null
  /** Several pictures of one moment; absent where there is one alone. */
  readonly cameras?: readonly CameraPicture[]
  readonly video?: { readonly frames: number; readonly video_url: string; readonly frames_url: string } | null
  readonly text: string | null
  /** Absent where the server knows of none. */
  readonly scene?: Scene | null
}

export interface Person {
  readonly person: string
  readonly name: string
}

export interface Verdict {
  readonly reviewer?: string
  readonly verdict?: 'accept' | 'fix' | 'reject'
  readonly clause: string | null
  readonly clause_title: string | null
  readonly reason: string | null
  readonly at: string
  readonly fixed_answer: Answer | null
}

export interface Opinion {
  readonly comments?: readonly Thread[]
  readonly id: string
  readonly contributor: Person
  readonly answer: Answer
  readonly submitted_at: string
}

export interface Consensus {
  readonly value: Answer | null
  readonly answers: readonly string[]
  readonly parts: readonly { readonly id: string; readonly answers: readonly string[]; readonly confidence: number | null; readonly attributes?: AttributeVotes }[]
}

/** What went before, by stage: own answer and verdict, the answer under review, or all the answers. */
export interface Before {
  /** Of the answer below. */
  readonly id?: string
  readonly comments?: readonly Thread[]
  /** Of a review: the answer before it, which was sent back. */
  readonly sent_back?: Answer | null
  readonly answer?: Answer
  readonly verdict?: Verdict
  readonly contributor?: Person
  readonly submitted_at?: string
  readonly answers?: readonly Opinion[]
  readonly agreement?: number | null
  /** What several answers say together; `answer` says it, or one of `answers` does. */
  readonly consensus?: Consensus | null
  /** How far each two of the answers agree. */
  readonly pairs?: readonly { readonly a: string; readonly b: string; readonly agreement: number }[]
}

/** What one may claim; `rework` comes with `label`, first. */
export type Door = 'label' | 'review' | 'adjudicate'
export type Stage = Door | 'rework'

export interface Claim {
  readonly slot: string
  readonly task: string
  readonly project: string
  readonly stage: Stage
  readonly fence: number
  readonly until: string
  readonly submission_hint?: string | null
  readonly item: Item
  readonly ontology_version: number
  readonly instructions_version: number
  readonly draft: { readonly answer: Answer; readonly saved_at: string; readonly device: string; readonly seq: number } | null
  readonly suggestion: Answer | null
  /** Who suggests it, where a model does. */
  readonly suggested_by?: SuggestedBy | null
  readonly before: Before | null
}

/** A model that suggests, and how sure it is of each object. */
export interface SuggestedBy {
  readonly model: string
  readonly scores: Readonly<Record<string, number>>
}

/** What a model said to whoever asked. */
export interface Prompted extends SuggestedBy {
  readonly id: string
  readonly suggestion: Answer
}

/** A model that may be asked about the task in hand. */
export interface Prompter {
  readonly id: string
  readonly name: string
  readonly takes: readonly ('picture' | 'box' | 'point')[]
}

export interface Claims {
  readonly claims: readonly Claim[]
  readonly waiting: number
}

export interface Receipt {
  readonly submission: string
  readonly slot: string
  readonly task: string
  readonly received_at: string
  readonly task_state?: string
  readonly claims?: readonly Claim[]
}

export interface Problem {
  readonly path: string
  readonly code: string
  readonly message: string
}

export type SkipReason = 'unclear' | 'broken' | 'not_allowed' | 'too_hard' | 'other'
