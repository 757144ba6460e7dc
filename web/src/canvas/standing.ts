import { sameJson } from './compare'
import type { Editor } from './editor'
import { type Keyframe, type Keyframes, madeAt, placeAt, reachOf, saidAt, saying, seenAt, withKeyframe } from './kernels/tracks'
import { type Attributes, type Ontology, attributesOf } from './ontology'
import type { ObjectRecord, Proposal, TrackRecord } from './records'
import type { Shape } from './shapes'

// Things that are followed through a video. A track is the record; what is seen and touched on the picture is an object
// that stands for it in the frame that is shown (W80). Whatever is done to that object is done to the track (W81).

const isPerFrame = ({ attributes }: Ontology): ReadonlySet<string> =>
  new Set(attributes.filter(({ per_frame }) => per_frame === true).map(({ key }) => key))

/** The object that stands for a track in a frame; null where it is not seen. */
export function objectAt(track: TrackRecord, frame: number): ObjectRecord | null {
  const seen = seenAt(track.keyframes, frame)
  if (seen === null) return null
  const { id, order, class: key } = track
  const attributes = { ...track.attributes, ...saidAt(track.keyframes, frame) }
  const isSilent = track.attributes === null && Object.keys(attributes).length === 0
  return { id, scope: 'document', kind: 'object', order, class: key, shape: seen.shape, attributes: isSilent ? null : attributes, group: null, rest: {}, seen }
}

/** The track that a changed object stands for (W81): a new shape is a keyframe here, a new value is said here or of the whole. */
export function trackOf(editor: Editor, object: ObjectRecord): TrackRecord {
  const { frame } = editor.session
  const changing = isPerFrame(editor.ontology)
  const split = (attributes: Attributes | null): readonly [Attributes, Attributes] => {
    const entries = Object.entries(attributes ?? {})
    const of = (which: boolean) => Object.fromEntries(entries.filter(([key]) => changing.has(key) === which))
    return [of(false), of(true)]
  }
  const [fixed, said] = split(object.attributes)
  const orNull = (attributes: Attributes) => (Object.keys(attributes).length > 0 ? attributes : null)
  const known = trackNamed(editor, object.id)
  if (known === null) {
    const keyframe = saying({ frame, shape: object.shape }, said)
    return { id: object.id, scope: 'document', kind: 'track', order: object.order, class: object.class, keyframes: [keyframe], attributes: orNull(fixed), rest: {} }
  }
  let { keyframes } = known
  const before = objectAt(known, frame)
  if (!sameJson(before?.shape, object.shape)) {
    const here = madeAt(keyframes, frame) ?? { frame, shape: object.shape }
    keyframes = withKeyframe(keyframes, { ...here, shape: object.shape })
  }
  const [, saidBefore] = split(before?.attributes ?? null)
  if (!sameJson(saidBefore, said)) {
    const here = madeAt(keyframes, frame) ?? { frame, shape: object.shape }
    // What is taken back is taken back where it was said.
    const gone = Object.keys(saidBefore).filter((key) => !(key in said))
    const told = Object.fromEntries(Object.entries(said).filter(([key, value]) => key in (here.attributes ?? {}) || !sameJson(saidBefore[key], value)))
    keyframes = withKeyframe(keyframes, saying(here, told))
    if (gone.length > 0) keyframes = keyframes.map((keyframe) => forgetting(keyframe, gone, frame))
  }
  if (known.class !== object.class) keyframes = saidUnder(editor.ontology, object.class, keyframes)
  const [fixedBefore] = split(known.attributes)
  const attributes = sameJson(fixedBefore, fixed) ? known.attributes : orNull(fixed)
  return { ...known, order: object.order, class: object.class, keyframes, attributes }
}

/** Keyframes without what things of this class are not asked (W18). */
export function saidUnder(ontology: Ontology, classKey: string, keyframes: Keyframes): Keyframes {
  const has = new Set(attributesOf(ontology, classKey).map(({ key }) => key))
  const others = [...isPerFrame(ontology)].filter((key) => !has.has(key))
  return others.length === 0 ? keyframes : keyframes.map((keyframe) => forgetting(keyframe, others, Infinity))
}

/** A keyframe up to this frame that says nothing of these any more. */
function forgetting(keyframe: Keyframe, keys: readonly string[], frame: number): Keyframe {
  if (keyframe.frame > frame || keyframe.attributes === undefined) return keyframe
  return saying(keyframe, Object.fromEntries(Object.entries(keyframe.attributes).filter(([key]) => !keys.includes(key))))
}

export function trackNamed({ store }: Pick<Editor, 'store'>, id: string): TrackRecord | null {
  const record = store.get(id)
  return record?.kind === 'track' ? record : null
}

/** The frame to look at when a track became another: this one if anything is other here, else the first that is. */
export function frameOfChange(before: TrackRecord | null, after: TrackRecord | null, here: number): number | null {
  const said = (track: TrackRecord | null) => new Map((track?.keyframes ?? []).map((keyframe) => [keyframe.frame, keyframe]))
  const [was, is] = [said(before), said(after)]
  const frames = [...new Set([...was.keys(), ...is.keys()])].filter((frame) => !sameJson(was.get(frame), is.get(frame))).sort((a, b) => a - b)
  return frames.length === 0 || frames.includes(here) ? null : (frames[0] ?? null)
}

/** What is proposed for a frame. */
export function proposedAt({ track, keyframes }: Proposal, frame: number): { readonly track: string; readonly shape: Shape } | null {
  const [first, last] = reachOf(keyframes)
  const shape = frame < first || frame > last ? null : placeAt(keyframes, frame)
  return shape === null ? null : { track, shape }
}
