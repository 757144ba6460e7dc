import { refuse } from './actions'
import type { Editor } from './editor'
import {
  type Keyframes, type Seen, begun, countUpTo, flagged, joined, keyframeAt, lastAt, madeAt, reachOf, seenAt, splitAt,
  swapped, thinned, withKeyframe, withoutKeyframe,
} from './kernels/tracks'
import type { TrackRecord } from './records'
import { isPickable, select } from './selection'
import { apart } from './shapes'
import { saidUnder, trackNamed } from './standing'

// What can be done with things that are followed through a video, beyond what is done to the objects that stand for them.

/** The selected tracks, seen in this frame or not. */
export const selectedTracks = (editor: Editor): TrackRecord[] => editor.session.selected.flatMap((id) => trackNamed(editor, id) ?? [])

const changeable = (editor: Editor): TrackRecord[] =>
  editor.session.readOnly ? [] : selectedTracks(editor).filter(({ id }) => isPickable(editor, id))

/** The one track that a command means, or null: why not is said. */
function only(editor: Editor): TrackRecord | null {
  const [track, ...others] = changeable(editor)
  if (track === undefined || others.length > 0) return refuse(editor, 'Select one track')
  return track
}

const write = (editor: Editor, label: string, ...tracks: readonly TrackRecord[]): boolean => editor.work(label, () => editor.put(tracks))

/** Frames are named as they are stored, from 0. */
const named = (frame: number): string => `frame ${frame}`

// Moving through the frames

/** Shows another frame; false at the ends. */
export function goTo(editor: Editor, frame: number): boolean {
  const { session, frames } = editor
  const to = Math.min(Math.max(0, Math.round(frame)), frames - 1)
  if (frames === 0 || to === session.frame) return false
  editor.updateSession({ frame: to, hovered: null })
  return true
}

export const step = (editor: Editor, by: number): boolean => goTo(editor, editor.session.frame + by)

/** To the nearest keyframe of the selected tracks, or of all, and says what is there. */
export function goToKeyframe(editor: Editor, way: 1 | -1): boolean {
  const chosen = selectedTracks(editor)
  const { frame } = editor.session
  let nearest: number | null = null
  for (const { keyframes } of chosen.length > 0 ? chosen : editor.scene.tracks) {
    const count = countUpTo(keyframes, way === 1 ? frame : frame - 1)
    const found = (way === 1 ? keyframes[count] : keyframes[count - 1])?.frame
    if (found !== undefined && (nearest === null || Math.abs(found - frame) < Math.abs(nearest - frame))) nearest = found
  }
  if (nearest === null) return refuse(editor, way === 1 ? 'No keyframe after this one' : 'No keyframe before this one') !== null
  goTo(editor, nearest)
  editor.say(`Keyframe at ${named(nearest)}`)
  return true
}

// What can be done with tracks

/** A keyframe here where there is none, and none where there is one. */
export function toggleKeyframe(editor: Editor): boolean {
  const track = only(editor)
  if (track === null) return false
  const { frame } = editor.session
  if (keyframeAt(track.keyframes, frame) === null) {
    const here = madeAt(track.keyframes, frame)
    if (here === null) return refuse(editor, 'The track has not begun here: draw where it is') !== null
    editor.say(`Keyframe at ${named(frame)}`)
    return write(editor, 'keyframe', { ...track, keyframes: withKeyframe(track.keyframes, here) })
  }
  const keyframes = withoutKeyframe(track.keyframes, frame)
  if (keyframes.length === 0) return refuse(editor, 'A track keeps one keyframe: delete the track instead') !== null
  editor.say(`No keyframe at ${named(frame)} any more`)
  return write(editor, 'remove keyframe', { ...track, keyframes })
}

/** Gone from here on, or back. */
export function toggleOutside(editor: Editor): boolean {
  const track = only(editor)
  if (track === null) return false
  const { frame } = editor.session
  const here = madeAt(track.keyframes, frame)
  if (here === null) return refuse(editor, 'The track has not begun here') !== null
  const outside = here.outside !== true
  if (outside && reachOf(track.keyframes)[0] === frame) return refuse(editor, 'A track begins where the thing is seen first') !== null
  editor.say(outside ? `Gone from ${named(frame)} on` : `Back from ${named(frame)} on`)
  return write(editor, outside ? 'outside' : 'back', { ...track, keyframes: withKeyframe(track.keyframes, flagged(here, { outside })) })
}

/** Covered from here on, or in full view. */
export function toggleOccluded(editor: Editor): boolean {
  const tracks = changeable(editor).filter(({ keyframes }) => seenAt(keyframes, editor.session.frame) !== null)
  if (tracks.length === 0) return refuse(editor, 'Select what is seen here') !== null
  const { frame } = editor.session
  const occluded = !tracks.every(({ keyframes }) => seenAt(keyframes, frame)?.occluded === true)
  const changed = tracks.flatMap((track) => {
    const here = madeAt(track.keyframes, frame)
    return here === null ? [] : [{ ...track, keyframes: withKeyframe(track.keyframes, flagged(here, { occluded })) }]
  })
  editor.say(occluded ? `Covered from ${named(frame)} on` : `In full view from ${named(frame)} on`)
  return write(editor, 'occluded', ...changed)
}

/** Another track from here on, of the same class and under an id of its own. */
export function splitTrack(editor: Editor): boolean {
  const track = only(editor)
  if (track === null) return false
  const parts = splitAt(track.keyframes, editor.session.frame)
  if (parts === null) return refuse(editor, 'A track is split where it is seen, after its beginning') !== null
  const id = editor.freshId()
  const done = write(editor, 'split', { ...track, keyframes: parts[0] }, { ...track, id, order: editor.topOrder() + 1, keyframes: parts[1] })
  if (done) select(editor, [id])
  editor.say(`Another track from ${named(editor.session.frame)} on`)
  return done
}

/** Whether what is said of the one can be said of the other (A36). */
const areAlike = (a: TrackRecord, b: TrackRecord): boolean => a.keyframes[0]?.shape.type === b.keyframes[0]?.shape.type

/** One track of two, under the id and class of the one that was selected first. */
export function mergeTracks(editor: Editor): boolean {
  const [first, second, ...others] = changeable(editor)
  if (first === undefined || second === undefined || others.length > 0) return refuse(editor, 'Select two tracks') !== null
  if (!areAlike(first, second)) return refuse(editor, 'A track keeps to one kind of shape: these two are of different kinds') !== null
  const keyframes = joined(first.keyframes, second.keyframes)
  if (keyframes === null) return refuse(editor, 'Both are there at one time: split or end one first') !== null
  const done = editor.work('merge', () => {
    editor.store.remove(second.id)
    editor.put([{ ...first, keyframes: saidUnder(editor.ontology, first.class, keyframes) }])
  })
  if (done) select(editor, [first.id])
  editor.say('One track of two')
  return done
}

/** What two tracks are from here on, exchanged: for ids that were mixed up. */
export function swapTracks(editor: Editor): boolean {
  const [first, second, ...others] = changeable(editor)
  if (first === undefined || second === undefined || others.length > 0) return refuse(editor, 'Select two tracks') !== null
  if (!areAlike(first, second)) return refuse(editor, 'A track keeps to one kind of shape: these two are of different kinds') !== null
  const [a, b] = swapped(first.keyframes, second.keyframes, editor.session.frame)
  if (a.length === 0 || b.length === 0) return refuse(editor, 'Nothing would be left of one of them') !== null
  editor.say(`Exchanged from ${named(editor.session.frame)} on`)
  const under = (track: TrackRecord, keyframes: Keyframes) => ({ ...track, keyframes: saidUnder(editor.ontology, track.class, keyframes) })
  return write(editor, 'exchange', under(first, a), under(second, b))
}

const ID = /^[A-Za-z0-9_-]{1,64}$/

/** Another id for a track (A2): who follows a thing through several videos names it as there. */
export function renameTrack(editor: Editor, id: string, to: string): boolean {
  const track = trackNamed(editor, id)
  if (track === null || !isPickable(editor, id) || to === id) return false
  if (!ID.test(to)) return refuse(editor, 'An id has 1 to 64 letters, digits, _ and -') !== null
  if (editor.store.get(to) !== null) return refuse(editor, `Another track is called ${to} already: merge them instead`) !== null
  const done = editor.work('rename', () => {
    editor.store.remove(id)
    editor.put([{ ...track, id: to }])
  })
  if (done) select(editor, [to])
  return done
}

/** The shapes of the selection, put as keyframes so many frames on, where the work then goes on. */
export function copyForward(editor: Editor, by: number): boolean {
  const { frame } = editor.session
  const to = Math.min(frame + by, editor.frames - 1)
  const tracks = changeable(editor).filter(({ keyframes }) => seenAt(keyframes, frame) !== null)
  if (tracks.length === 0 || to === frame) return refuse(editor, tracks.length === 0 ? 'Select what is seen here' : 'This is the last frame') !== null
  const taken = tracks.filter(({ keyframes }) => keyframeAt(keyframes, to) !== null)
  if (taken.length > 0) return refuse(editor, `There is a keyframe at ${named(to)} already`) !== null
  const changed = tracks.map((track) => {
    const { shape, occluded } = seenAt(track.keyframes, frame) as Seen
    return { ...track, keyframes: withKeyframe(track.keyframes, flagged({ frame: to, shape }, { occluded })) }
  })
  const done = write(editor, 'copy forward', ...changed)
  goTo(editor, to)
  editor.say(`Copied to ${named(to)}`)
  return done
}

// What a tracker proposes

/** Pixels that a proposed way may lead past what the tracker found. */
const THIN_PX = 1

/** Puts what a tracker found before the person: nothing of it is part of the answer (W86). */
export function propose(editor: Editor, id: string, found: Keyframes): boolean {
  const track = trackNamed(editor, id)
  if (track === null || editor.session.readOnly || found.length === 0) return false
  const free = found.filter(({ frame }) => keyframeAt(track.keyframes, frame) === null)
  editor.updateSession({ proposal: free.length === 0 ? null : { track: id, keyframes: free } })
  return free.length > 0
}

/** Takes what is proposed: as few keyframes as say it, beside those that are there, none of which is changed. */
export function acceptProposal(editor: Editor): boolean {
  const { proposal, readOnly } = editor.session
  const track = proposal === null ? null : trackNamed(editor, proposal.track)
  if (proposal === null || track === null || readOnly || !isPickable(editor, track.id)) return false
  const added = thinned(proposal.keyframes, THIN_PX, apart).filter(({ frame }) => keyframeAt(track.keyframes, frame) === null)
  const keyframes = added.reduce((all, keyframe) => withKeyframe(all, flagged(keyframe, { occluded: lastAt(all, keyframe.frame)?.occluded === true })), track.keyframes)
  const done = write(editor, 'follow', { ...track, keyframes: begun(keyframes) })
  editor.updateSession({ proposal: null })
  const [, last] = reachOf(proposal.keyframes)
  goTo(editor, last)
  editor.say(`${added.length} keyframes taken`)
  return done
}

export function dropProposal(editor: Editor): boolean {
  if (editor.session.proposal === null) return false
  editor.updateSession({ proposal: null })
  editor.say('Nothing taken')
  return true
}

/** A sentence about a track for those who hear the picture. */
export function describeTrack(editor: Editor, track: TrackRecord): string {
  const name = editor.ontology.classes.find(({ key }) => key === track.class)?.name ?? track.class
  const [first, last] = reachOf(track.keyframes)
  return `${name}, track ${track.id}, ${track.keyframes.length} keyframes, ${named(first)} to ${last}`
}
