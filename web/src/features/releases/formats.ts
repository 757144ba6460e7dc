import type { Format, Project } from '../../api/types'

/** What each format is for, and what it cannot hold: told before a release is made, counted after. */
export const formats: Record<Format, { name: string; help: string; loses: (project: Project) => string[] }> = {
  native: { name: 'Fairmark', help: 'JSON lines with everything: labels, answers, reviews and how each came about', loses: () => [] },
  coco: {
    name: 'COCO',
    help: 'One JSON file that detection and segmentation code reads',
    loses: ({ question }) => [
      ...(question.media === 'video' ? ['Each frame in which something is seen becomes a picture; keyframes and tracks are attributes.'] : []),
      ...(question.shapes.length === 0 ? ['Choices have no place in COCO; each becomes an annotation of the whole picture.'] : []),
      ...(question.shapes.some((shape) => shape === 'line' || shape === 'point' || shape === 'ellipse') ? ['Lines, points and ellipses become boxes.'] : []),
      ...(question.shapes.includes('solid') ? ['Cuboids become the boxes around them.'] : []),
      ...(question.shapes.includes('polygon') ? ['Holes are cut open into the outline.'] : []),
      'Attributes of the whole item, relations, groups, and how a label came about, have no place in it.',
    ],
  },
  cvat_video: {
    name: 'CVAT for video',
    help: 'A file a video, with keyframes and attributes; CVAT and its kin read it',
    loses: () => ['Attributes of the whole video, notes, and how a label came about, have no place in it.'],
  },
  mot: {
    name: 'MOT Challenge',
    help: 'A box a row in each frame, a folder a video; tracking code reads it',
    loses: () => ['Attributes, and which frames are keyframes, have no place in it; what is covered is written as of unknown visibility.'],
  },
  csv: {
    name: 'CSV',
    help: 'A row an object or a choice, for spreadsheets',
    loses: ({ question }) => [...(question.shapes.includes('polygon') ? ['Outlines are text in one column.'] : []), 'Answers that were not chosen are left out.'],
  },
  cuboids: {
    name: 'Cuboids and sensors',
    help: 'A JSON line a moment, which `fairmark convert --from items` makes nuScenes, KITTI and others of',
    loses: () => ['Choices, notes and attributes of the whole item have no place in it.'],
  },
  kitti: {
    name: 'KITTI',
    help: 'Labels and calibrations of KITTI’s object set, in one archive',
    loses: () => ['What no camera sees, leaning boxes and most attributes have no place in KITTI.'],
  },
  points: {
    name: 'Classes of points',
    help: 'A number a point, one file a cloud, as SemanticKITTI has them',
    loses: () => ['Cuboids and attributes have no place in it.'],
  },
  nuscenes: {
    name: 'nuScenes',
    help: 'Its tables, a scene a drive, with lidarseg where points have classes: a byte a point',
    loses: () => ['Notes, choices, lenses that bend, and how a label came about, have no place in it.'],
  },
  spans: {
    name: 'Spans',
    help: 'A JSON line a text with its spans, to train with; spaCy’s tools read it',
    loses: () => ['Notes, relations, groups, and how a label came about, have no place in it.'],
  },
}
