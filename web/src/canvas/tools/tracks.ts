import type { Command } from '../commands'
import type { Kit } from '../kits'
import {
  acceptProposal, copyForward, dropProposal, goTo, goToKeyframe, mergeTracks, splitTrack, step, swapTracks, toggleKeyframe, toggleOccluded, toggleOutside,
} from '../tracks'
import type { Mode } from './state'

const SELECT = ['select'] as const satisfies readonly Mode[]
const RESTING = ['select', 'ready'] as const satisfies readonly Mode[]
const FAR = 10

const frames: readonly Command[] = [
  { id: 'frame.next', label: 'Next frame', keys: ['KeyL'], when: RESTING, run: (e) => step(e, 1) },
  { id: 'frame.previous', label: 'Previous frame', keys: ['KeyJ'], when: RESTING, run: (e) => step(e, -1) },
  { id: 'frame.next.far', label: 'Ten frames on', keys: ['Shift+KeyL'], when: RESTING, run: (e) => step(e, FAR) },
  { id: 'frame.previous.far', label: 'Ten frames back', keys: ['Shift+KeyJ'], when: RESTING, run: (e) => step(e, -FAR) },
  { id: 'frame.first', label: 'First frame', keys: ['Home'], when: RESTING, run: (e) => goTo(e, 0) },
  { id: 'frame.last', label: 'Last frame', keys: ['End'], when: RESTING, run: (e) => goTo(e, e.frames - 1) },
  { id: 'frame.play', label: 'Play or stop', keys: ['KeyK'], when: RESTING, run: (e) => e.player?.toggle() },
  { id: 'frame.keyframe.next', label: 'Next keyframe', keys: ['KeyO'], when: RESTING, run: (e) => goToKeyframe(e, 1) },
  { id: 'frame.keyframe.previous', label: 'Previous keyframe', keys: ['KeyI'], when: RESTING, run: (e) => goToKeyframe(e, -1) },
]

/** Things that are followed through a video; how boxes are drawn comes with the boxes. */
export const kit: Kit = {
  tools: {},
  commands: [
    ...frames,
    { id: 'track.keyframe', label: 'Add or remove a keyframe', keys: ['KeyE'], when: SELECT, run: toggleKeyframe },
    { id: 'track.outside', label: 'Gone from here on, or back', keys: ['KeyU'], when: SELECT, run: toggleOutside },
    { id: 'track.occluded', label: 'Covered from here on, or in full view', keys: ['KeyC'], when: SELECT, run: toggleOccluded },
    { id: 'track.forward', label: 'Copy to the next frame', keys: ['KeyD'], when: SELECT, run: (e) => copyForward(e, 1) },
    { id: 'track.forward.far', label: 'Copy ten frames on', keys: ['Shift+KeyD'], when: SELECT, run: (e) => copyForward(e, FAR) },
    { id: 'track.split', label: 'Split the track here', keys: ['KeyS'], when: SELECT, run: splitTrack },
    { id: 'track.merge', label: 'Merge two tracks', keys: ['KeyM'], when: SELECT, run: mergeTracks },
    { id: 'track.swap', label: 'Exchange two tracks from here on', keys: ['Shift+KeyM'], when: SELECT, run: swapTracks },
    { id: 'track.follow', label: 'Follow by the picture', keys: ['KeyT'], when: SELECT, run: (e) => e.player?.follow() },
    { id: 'track.accept', label: 'Take what is proposed', keys: ['Enter'], when: SELECT, run: acceptProposal },
    { id: 'track.drop', label: 'Drop what is proposed', keys: ['Shift+KeyT'], when: SELECT, run: dropProposal },
  ],
}
