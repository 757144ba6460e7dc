import type { Editor } from '../editor'
import { type Point, boundsBetween, boundsOf } from '../kernels/geometry'
import type { Shape } from '../shapes'
import { boxBetween } from '../shapes/box'
import { ellipseWithin } from '../shapes/ellipse'
import { ABSENT, HIDDEN, type Keypoint, VISIBLE } from '../shapes/keypoints'
import { solidBetween } from '../shapes/solid'
import { turnedFrom } from '../shapes/turned'
import type { Dot, Path } from '../shapes/util'
import type { Place, Plan } from './placing'

const pointsOf = (places: readonly Place[]): Point[] => places.map(({ at }) => at)
const dotsAt = (places: readonly Place[]): Dot[] => places.filter(({ as }) => as !== 'absent').map(({ at, as }) => ({ at, look: as === 'visible' ? 'full' : 'hollow' }))
const NO_PATHS: readonly Path[] = []

/** Two corners. */
export const boxPlan: Plan = {
  count: () => 2,
  drag: 'two places',
  shape: ([a, b]) => boxBetween(at(a), at(b)),
  preview: () => ({ paths: NO_PATHS }),
}

/** The box around an ellipse, by two of its corners. */
export const ellipsePlan: Plan = {
  ...boxPlan,
  shape: ([a, b]) => ellipseWithin(boundsBetween(at(a), at(b))),
}

const SIDES = ['Click the outermost point on one side', 'Click the outermost point on another side', 'Click the outermost point on the third side', 'Click the outermost point on the last side']

/** Four points of the object itself, the outermost on each side, in any order: quicker than two corners in the air. */
export const extremePlan: Plan = {
  count: () => 4,
  drag: 'one place',
  shape: (places) => {
    const { left, top, right, bottom } = boundsOf(pointsOf(places))
    return boxBetween([left, top], [right, bottom])
  },
  preview: (places) => ({ paths: [{ closed: true, points: pointsOf(places) }], dots: dotsAt(places) }),
  prompt: (placed) => SIDES[placed] ?? '',
}

const TURNED_STEPS = ['Drag along one side, or click its two ends', 'Click the other end of the side', 'Pull out the width and click']

/** One side by its ends, then the width. */
export const turnedPlan: Plan = {
  count: () => 3,
  drag: 'two places',
  shape: ([a, b, c]) => turnedFrom(at(a), at(b), at(c)),
  preview: (places) => ({ paths: [{ closed: false, points: pointsOf(places) }] }),
  prompt: (placed) => TURNED_STEPS[placed] ?? '',
}

const SOLID_STEPS = ['Drag over the front, or click two of its corners', 'Click the other corner of the front', 'Click a corner of the back', 'Click the other corner of the back']

/** The front by two corners, then the back. */
export const solidPlan: Plan = {
  count: () => 4,
  drag: 'two places',
  shape: ([a, b, c, d]) => solidBetween(boundsBetween(at(a), at(b)), boundsBetween(at(c), at(d))),
  preview(places) {
    const [a, b, c] = pointsOf(places)
    if (a === undefined || b === undefined) return { paths: NO_PATHS }
    const { left, top, right, bottom } = boundsBetween(a, b)
    const front: Path = { closed: true, points: [[left, top], [right, top], [right, bottom], [left, bottom]] }
    return { paths: [front], dots: c === undefined ? [] : [{ at: c, look: 'hollow' }] }
  },
  prompt: (placed) => SOLID_STEPS[placed] ?? '',
}

export const pointPlan: Plan = {
  count: () => 1,
  isOne: true,
  drag: 'one place',
  shape: ([place]): Shape => {
    const [x, y] = at(place)
    return { type: 'point', x, y }
  },
  preview: () => ({ paths: NO_PATHS }),
}

const SEEN = { visible: VISIBLE, hidden: HIDDEN, absent: ABSENT } as const

const skeletonInHand = (editor: Editor) => editor.skeletonOf(editor.session.class ?? '')

/** The points of the skeleton of the class, one after the other; with Shift hidden, X for one that is not there. */
export const keypointsPlan: Plan = {
  count: (editor) => skeletonInHand(editor)?.points.length ?? 0,
  drag: 'one place',
  mayLack: true,
  shape: (places, editor) => ({
    type: 'keypoints',
    points: (skeletonInHand(editor)?.points ?? []).map((_, i): Keypoint => {
      const place = places[i]
      return place === undefined || place.as === 'absent' ? [0, 0, ABSENT] : [place.at[0], place.at[1], SEEN[place.as]]
    }),
  }),
  preview(places, editor) {
    const edges = skeletonInHand(editor)?.edges ?? []
    const paths = edges.flatMap(([from, to]): Path[] => {
      const [a, b] = [places[from], places[to]]
      return a === undefined || b === undefined || a.as === 'absent' || b.as === 'absent' ? [] : [{ closed: false, points: [a.at, b.at] }]
    })
    return { paths, dots: dotsAt(places) }
  },
  prompt(placed, editor) {
    const points = skeletonInHand(editor)?.points
    if (points === undefined) return 'This class has no skeleton: choose another'
    return `${points[placed]?.name ?? ''}, ${placed + 1} of ${points.length}`
  },
}

const at = (place: Place | undefined): Point => place?.at ?? [0, 0]
