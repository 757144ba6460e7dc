import type { components } from './schema'

/** The wire, as docs/spec/api.md and docs/spec/answers.md describe it. Held against the generated schema by contract.ts. */
export type Role = 'owner' | 'manager' | 'reviewer' | 'contributor' | 'viewer'

export interface Listed<T> { items: T[]; next_cursor?: string | null }

export interface Setup { claimed: boolean; sign_up_open: boolean; version: string }
export interface PersonRef { person: string; name: string }
export interface Membership { id: string; name: string; role: Role }
export interface Session {
  person: { id: string; email: string; name: string; operator: boolean }
  organization: { id: string; name: string } | null
  role: Role | null
  organizations: Membership[]
  expires_at: string
}
export interface SessionRow { id: string; created_at: string; seen_at: string; device: string; current: boolean }
export interface Organization { id: string; name: string; created_at: string; state: string; invitation?: Invitation | null }
export interface Member { person: string; email: string; name: string; role: Role; joined_at: string }
export interface Invitation { id: string; email: string; role: Role; link?: string | null; mailed?: boolean | null; expires_at: string }
export interface Destruction { confirmation: string; expires_at: string }
export interface OpenInvitation { organization: string | { id: string; name: string }; email: string; role: Role; known: boolean }
export type KeyMode = 'live' | 'test'
export type KeyRole = Exclude<Role, 'owner'>
export interface KeyRow { id: string; name: string; mode: KeyMode; role: KeyRole; hint?: string; secret?: string; created_at: string; used_at?: string | null }

export type TemplateName =
  | 'image_boxes' | 'image_polygons' | 'image_boxes_polygons' | 'image_turned' | 'image_lines' | 'image_points' | 'image_skeletons' | 'image_masks' | 'image_shapes'
  | 'image_choice' | 'image_choices' | 'text_choice' | 'text_choices' | 'text_spans' | 'text_spans_choice' | 'text_spans_choices'
  | 'video_boxes' | 'video_shapes' | 'video_choice' | 'video_choices' | 'cloud_cuboids' | 'cloud_points'
export type ShapeKind = Shape['type']
export type Media = 'image' | 'text' | 'video' | 'cloud'
export interface Question { media: Media; shapes: ShapeKind[]; choice: null | 'single' | 'multi'; spans?: boolean }
export interface Pay { amount_minor: number; currency: string }
/** When a task has answers enough: at a fixed number, or once its label is as sure as the target. */
export type QualityPlan = { kind: 'fixed' } | { kind: 'adaptive'; target: number; min: number; max: number; price?: number; audit_share?: number }
export interface Plan { overlap: number; quality?: QualityPlan; review: 'none' | 'all'; agreement_min: number; lease_minutes: number; pay: Pay | null; cuboids?: 'room' | 'ground' }
export type ProjectState = 'draft' | 'published' | 'paused' | 'archived'
export interface Counts { tasks: number; queued: number; in_progress: number; in_review: number; done: number; canceled: number; error: number }
export interface Project {
  id: string
  name: string
  template: TemplateName
  question: Question
  plan: Plan
  state: ProjectState
  mode: KeyMode
  version: number
  ontology_version: number
  instructions_version: number
  created_at: string
  counts: Counts
  /** Slots that wait for the caller; in a contributor's list. */
  available?: number | null
}
export interface Template { template: TemplateName; name: string; description: string; question: Question; ontology: Ontology }

/** The named points of an object, and which of them are joined, by their places from 0. */
export interface Skeleton { points: { key: string; name: string }[]; edges?: [number, number][] }

export interface OntologyClass {
  key: string
  name: string
  color?: string
  hotkey?: string | null
  parent?: string | null
  description?: string
  skeleton?: Skeleton | null
  retired?: boolean
}
export interface AttributeOption { key: string; name: string; retired?: boolean }
export type AttributeType = 'boolean' | 'select' | 'multi' | 'text' | 'number'
export type AttributeValue = boolean | string | string[] | number
export interface Attribute {
  key: string
  name: string
  type: AttributeType
  scope: 'object' | 'item'
  classes?: string[]
  options?: AttributeOption[]
  required?: boolean
  default?: AttributeValue | null
  min?: number | null
  max?: number | null
  /** Of an object in a video: whether it may be another at each keyframe. */
  per_frame?: boolean
  description?: string
  retired?: boolean
}
/** A way in which one object may stand to another. */
export interface RelationKind { key: string; name: string; from?: string[]; to?: string[]; direction?: 'one_way' | 'both_ways'; retired?: boolean }
export interface Ontology { classes: OntologyClass[]; attributes: Attribute[]; relations?: RelationKind[] }
export interface OntologyVersion { version: number; ontology: Ontology; created_at: string; created_by: string | PersonRef | null }
export interface Clause { id: string; title: string }
export interface Instructions { version: number; markdown: string; clauses: Clause[]; created_at: string | null; created_by: string | PersonRef | null }
export interface PictureAddress { address: string; url: string; width: number; height: number }

export type Shape =
  | { type: 'box'; x: number; y: number; width: number; height: number }
  | { type: 'turned'; cx: number; cy: number; width: number; height: number; degrees: number }
  | { type: 'polygon'; points: [number, number][]; holes?: [number, number][][] }
  | { type: 'line'; points: [number, number][]; curves?: ([[number, number], [number, number]] | null)[] }
  | { type: 'point'; x: number; y: number }
  | { type: 'ellipse'; cx: number; cy: number; rx: number; ry: number; degrees: number }
  | { type: 'keypoints'; points: [number, number, 0 | 1 | 2][] }
  | { type: 'mask'; height: number; width: number; counts: string }
  | { type: 'solid'; corners: [number, number][] }
  | Cuboid3d
  | { type: 'points3d'; cloud: number; points: number; counts: string }
/** Where a cuboid stands: metres of the world, radians from x towards y, and w, x, y, z where it leans. */
export interface Stand { centre: [number, number, number]; yaw: number; rotation?: [number, number, number, number] }
export interface Cuboid3d extends Stand { type: 'cuboid3d'; size: [number, number, number]; path?: (Stand & { frame: number; gone?: boolean })[] }
export interface AnswerObject { id: string; class: string; shape: Shape; attributes?: Record<string, AttributeValue>; group?: number }
/** A passage of the text, in code points, its end not included. */
export interface AnswerSpan { id: string; class: string; start: number; end: number; attributes?: Record<string, AttributeValue>; group?: number }
export interface AnswerRelation { relation: string; from: string; to: string }
export interface Keyframe { frame: number; shape: Shape; outside?: boolean; occluded?: boolean; attributes?: Record<string, AttributeValue> }
/** A thing that is followed through a video. */
export interface AnswerTrack { id: string; class: string; keyframes: Keyframe[]; attributes?: Record<string, AttributeValue> }
export interface Answer { objects?: AnswerObject[]; spans?: AnswerSpan[]; tracks?: AnswerTrack[]; relations?: AnswerRelation[]; choices?: string[]; attributes?: Record<string, AttributeValue>; note?: string }

export type Stage = 'label' | 'rework' | 'review' | 'adjudicate'
export interface Progress {
  project: string
  tasks: { queued: number; in_progress: number; in_review: number; done: number; canceled: number; error: number; total: number }
  answers: number
  answers_needed: number
  throughput_per_hour: number
  eta_seconds: number | null
  agreement: { value: number | null; pairs: number; measure: 'alpha_nominal' | 'f1_iou50' }
  people: { person: string; name: string; answered: number; holding: { task: string; stage: Stage; since: string }[]; last_seen: string | null }[]
  hours: { at: string; answers: number }[]
  event_seq: number
  at: string
}
export interface QueueCounts { label: number; rework: number; review: number; adjudicate: number }

export interface ItemPicture {
  levels: { level: number; width: number; height: number }[]
  tile_size: number
  full_url: string | null
  preview_url: string
  thumb_url: string
  tile_url: string
}
/** What takes a place of one frame to the one around it: metres, and w, x, y, z. */
export interface Pose { translation: [number, number, number]; rotation: [number, number, number, number] }
export interface ItemCamera { name: string; url: string; width: number; height: number; intrinsic: [[number, number, number], [number, number, number], [number, number, number]]; distortion?: { model: 'brown_conrady' | 'kannala_brandt'; coefficients: number[] } | null; pose: Pose }
export interface ItemCloud { file: string; points: number; index_url: string; points_url: string; pose: Pose; time?: number | null; cameras: ItemCamera[] }
export interface ItemScene { clouds: ItemCloud[] }
export interface Item {
  id: string
  project: string
  external_id: string
  name: string
  media: Media
  width: number | null
  height: number | null
  bytes: number
  metadata: Record<string, unknown>
  task: string | null
  created_at: string
  picture: ItemPicture | null
  video: { frames: number; video_url: string; frames_url: string } | null
  text: string | null
  scene?: ItemScene | null
}
export interface Upload { id: string; offset: number; state: string; item: string | null; problem: string | { code: string; message: string } | null }
export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'canceled'
export interface Job {
  id: string
  project: string | null
  kind: string
  state: JobState
  done: number
  total: number | null
  bad: number
  message: string | null
  result: unknown
  created_at: string
  started_at: string | null
  finished_at: string | null
}
export interface ImportRequest {
  source: 'auto' | 'manifest' | 'native' | 'dataset' | 's3'
  upload?: string
  s3?: { bucket: string; prefix: string; endpoint: string; region: string; access_key_id: string; secret_access_key: string }
  dry_run?: boolean
  /** What the answers in the file are: the items' labels, or a beginning for whoever labels them. */
  answers?: 'labels' | 'suggestions'
  /** The format of a data set, where it is not to be recognised. */
  format?: string
  /** What classes of a data set become: a class of the project by its key, or null where they are left out. */
  classes?: Record<string, string | null>
  /** Whether classes and attributes that the project lacks become part of its ontology. */
  extend?: boolean
}
/** What an import has come to, or a look at one. */
export interface Imported {
  created: number
  repeated: number
  answered: number
  bad: number
  dry_run?: boolean
  format?: string
  missing?: number
  unsaid?: number
  /** Answers of several people to the same items, each taken as that person's. */
  opinions?: number
  opinions_repeated?: number
  losses?: Record<string, { count: number; examples: string[] }>
  found?: {
    items: number
    bare: number
    texts: number
    videos?: number
    marks: number
    predicted: number
    classes: { name: string; marks: number; to: string | null }[]
    attributes: { name: string; whole: boolean; marks: number; type: AttributeType; options: string[] }[]
    relations: { name: string; links: number; mutual: boolean }[]
    more: number
  }
}

export interface Verdict { reviewer: string; clause: string | null; clause_title: string | null; reason: string | null; at: string; fixed_answer: Answer | null }
export interface Claim {
  slot: string
  task: string
  project: string
  stage: Stage
  fence: number
  until: string
  submission_hint: string
  item: Item
  ontology_version: number
  instructions_version: number
  draft: { answer: Answer; saved_at: string; device: string } | null
  suggestion: Answer | null
  before:
    | null
    | { answer: Answer; verdict: Verdict }
    | { answer: Answer; contributor: PersonRef; submitted_at: string }
    | { answers: { id: string; contributor: PersonRef; answer: Answer; submitted_at: string }[]; agreement: number | null }
}
export interface Claims { claims: Claim[]; waiting: number }
export interface Receipt { submission: string; slot: string; task: string; received_at: string; durable: true; task_state?: TaskState | null; claims: Claim[] }

export type TaskState = 'queued' | 'in_progress' | 'in_review' | 'done' | 'canceled' | 'error'
export interface TaskRow {
  id: string
  item: string
  external_id: string
  name: string
  state: TaskState
  stage: Stage | null
  priority: number
  answers: number
  overlap: number
  agreement: number | null
  updated_at: string
  thumb_url: string | null
}
export interface TaskAnswer {
  id: string
  slot: string
  stage: Stage
  contributor: PersonRef
  answer: Answer
  submitted_at: string
  active_ms: number
  ontology_version: number
  instructions_version: number
  state: 'standing' | 'superseded' | 'rejected'
}
export interface Task extends Omit<TaskRow, 'item' | 'answers'> {
  item: Item
  slots: { id: string; stage: Stage; ordinal: number; state: string; holder: PersonRef | null; until: string | null }[]
  answers: TaskAnswer[]
  reviews: { id: string; answer: string; reviewer: PersonRef; verdict: 'accept' | 'fix' | 'reject'; clause: string | null; reason: string | null; at: string }[]
  skips: { person: string; name: string; reason: string; text: string | null; at: string }[]
  label: { value: Answer; confidence: number | null; calibrated: boolean; model: string | null; method: string; attributes?: AttributeVotes; consensus: Consensus | null; at: string } | null
  history: { at: string; actor: string | PersonRef | null; kind: string; reason?: string | null }[]
}
/** By key, how many of the answers that mark or choose the same say the same of an attribute. */
export type AttributeVotes = Record<string, { same: number; all: number }>
/** What several answers say together, and which of them have each of its parts. */
export interface Consensus {
  value: Answer | null
  answers: string[]
  parts: { id: string; answers: string[]; confidence: number | null; attributes?: AttributeVotes }[]
  confidence: number | null
  calibrated: boolean
  model: string | null
}
export type WorkState = 'received' | 'waiting' | 'accepted' | 'fixed' | 'rejected' | 'resolved'
export interface Work {
  answers_today: number
  answers_total: number
  active_ms_today: number
  earned: { currency: string; amount_minor: number }[]
  recent: { task: string; project: string; project_name: string; name: string; submitted_at: string; state: WorkState; answer: string; comments: number }[]
}

/** So many of so many, and between what that lies with 95 %. */
export interface Share { right: number; all: number; share: number | null; low: number; high: number }
/** A figure, and between what it lies with 95 %. */
export interface Figure { value: number; low: number; high: number }
export interface Quality {
  project: string
  model: { method: string; reason: string; answers: number; calibration: string; gold: number; calibrated: boolean; gold_needed: number } | null
  labels: Share
  votes: Share
  answers: Share
  cost: {
    labels: number
    answers_per_label: number | null
    overlap: number
    per_correct: number | null
    per_correct_vote: number | null
    audited: number
    spread: { answers: number; labels: number }[]
    pay: Pay | null
    adaptive: boolean
    target: number | null
  }
  audit: {
    same: Share
    answers: Figure | null
    asks_more: number
    escalates: number
    plan: Share
    fixed: Share
    estimated: Figure | null
    gold_worth: number | null
    per_correct_plan: number | null
    per_correct_fixed: number | null
    saved: Figure | null
  } | null
  agreement: { value: number | null; pairs: number; measure: string }
  classes: string[]
  confusion: { by_gold: boolean; counts: number[][] } | null
  /** Where several classes may hold: how each is told. */
  rates: { class: string; holds: number; said: number; holds_not: number; said_wrongly: number }[]
  people: { person: string; name: string; answers: number; skill: number | null; gold: Share; flagged: boolean }[]
  drift: { from: string; to: string; share: Share }[]
  weeks: { from: string; gold: Share; tasks: number; agreement: Figure | null }[]
  doubts: { task: string; name: string; answers: number; agreement: number | null; confidence: number | null; method: string }[]
  /** Labels of which the same is told, the least sure first, against what gold says of them. */
  calibration: { from: number; confidence: number; gold: Share }[]
  gold: { live: number; leaked: number; retired: number; contests_open: number }
  at: string
}
export interface OwnScore { answer: string; project: string; project_name: string; name: string; correct: boolean; likeness: number; given: Answer; known: Answer; at: string; contest: 'open' | 'upheld' | 'overturned' | null }
export interface PersonQuality {
  person: PersonRef
  project: string
  project_name: string
  answers: number
  /** Only for reviewers. */
  skill: number | null
  gold: Share
  crowd: Share
  bar: number | null
  flagged: boolean
  drift: Quality['drift']
  weeks: Quality['weeks']
  scores: (Omit<OwnScore, 'project' | 'project_name'> & { task: string | null })[]
}
export interface OwnScores { items: OwnScore[]; skills: { project: string; project_name: string; right: number; scored: number; low: number; high: number }[] }
export interface Gold { task: string; known: Answer; state: 'live' | 'leaked' | 'retired'; scored: number; right: number; created_at: string }
export interface Contest { answer: string; task: string; contributor: PersonRef; given: Answer; known: Answer; reason: string; state: 'open' | 'upheld' | 'overturned'; at: string }

export type ThreadState = 'open' | 'done' | 'resolved'
/** What a thread is about; nothing in it: the answer as a whole. */
export interface CommentPin {
  object?: string
  region?: { x: number; y: number; width?: number; height?: number }
  /** Code points of the text, the end not included. */
  passage?: [number, number]
  frame?: number
  /** On which of several pictures of one moment the region lies. */
  camera?: string
}
export interface AnswerComment { id: string; side: 'contributor' | 'reviewer'; own: boolean; name: string | null; text: string; at: string }
export interface Thread { id: string; answer: string; state: ThreadState; began: AnswerComment['side']; pin: CommentPin; comments: AnswerComment[] }
export interface InboxItem { answer: string; task: string; project: string; project_name: string; name: string; own: boolean; unread: number }
export interface Inbox { unread: number; items: InboxItem[] }

export type Format = components['schemas']['Format']
/** A format that fits a project, and what its file is called. */
export interface FormatOffer { format: Format; file: string }
export interface ReleasePreview { tasks: number; looked_at: number; loss: Loss[] }
export interface Loss { format: Format; what: string; count: number; examples: string[] }
export interface Release {
  id: string
  project: string
  number: number
  name: string | null
  formats: Format[]
  state: JobState
  job: Job | string | null
  tasks: number
  created_at: string
  created_by: string | PersonRef | null
  files: { name: string; bytes: number; sha256: string; url: string }[]
  loss: Loss[]
}

/** A model that a project asks, and how it was when last asked. */
export interface Backend {
  id: string
  project: string
  name: string
  kind: 'label_studio' | 'local'
  url?: string | null
  model?: string | null
  user?: string | null
  has_secret: boolean
  pictures: 'lent' | 'inline'
  /** What its classes become: the key of a class, or null where they are left out. */
  classes: Record<string, string | null>
  at_least: number
  prompts: boolean
  state: 'unknown' | 'up' | 'down'
  model_version?: string | null
  problem?: string | null
  checked_at?: string | null
  created_at: string
}
export interface BackendSettings {
  user?: string
  password?: string
  token?: string
  pictures?: Backend['pictures']
  classes?: Backend['classes']
  at_least?: number
  prompts?: boolean
}
export interface NewBackend { name: string; kind: Backend['kind']; url?: string; model?: string; settings: BackendSettings }
export interface ChangeBackend { name?: string; url?: string; settings: BackendSettings }
export interface FetchRequest { as: 'suggestions' | 'opinions'; batch: number; again: boolean }
/** A model of this installation. */
export interface LocalModel { name: string; kind: 'detector' | 'segmenter'; classes: string[]; about: string }
export interface Prompter { id: string; name: string; takes: ('picture' | 'box' | 'point')[] }
export interface Prompted { id: string; model: string; suggestion: Answer; scores: Record<string, number> }

export interface Outcome { id: string; class: string | null; fate: 'kept' | 'changed' | 'rejected'; changed?: string[] }
export interface TaskSuggestion {
  model: string | null
  asked_at: string | null
  suggestion: Answer
  scores: Record<string, number>
  answers: { answer: string; person: string; outcomes: Outcome[] }[]
}
export interface ClassOutcomes { kept: number; changed: number; rejected: number }
export interface ModelOutcomes extends ClassOutcomes { model: string; answers: number; classes: Record<string, ClassOutcomes> }
