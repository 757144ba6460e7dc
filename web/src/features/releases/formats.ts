import type { Format, FormatOffer, Loss, Project, Question } from '../../api/types'
import { formatName } from '../data/found'

export type Group = 'pictures' | 'video' | 'text' | 'space' | 'tables' | 'whole'

/** How formats are grouped, in this order. */
export const groups: readonly { group: Group; title: string }[] = [
  { group: 'pictures', title: 'Pictures' },
  { group: 'video', title: 'Video' },
  { group: 'text', title: 'Text' },
  { group: 'space', title: 'Space' },
  { group: 'tables', title: 'Tables' },
  { group: 'whole', title: 'Whole data sets' },
]

interface About {
  name: string
  help: string
  group: Group
  /** What it cannot hold by its nature; what it would lose of the labels that are there is counted. */
  loses?: (project: Project) => string[]
}

/** What no project asks for yet, so that no project can be written in it. */
type Never = Extract<Format, `trl-${string}` | `openai-${string}` | 'sharegpt' | 'alpaca' | 'hh' | 'arena' | 'conllu' | 'coco-results'>

/** What each format is for, and what it cannot hold. */
export const formats: Record<Exclude<Format, Never>, About> = {
  native: { name: 'Fairmark', group: 'whole', help: 'JSON lines with everything: labels, answers, reviews and how each came about' },
  coco: {
    name: 'COCO',
    group: 'pictures',
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
  'coco-panoptic': { name: 'COCO panoptic', group: 'pictures', help: 'A picture of pixels for each picture, and which thing each of them is' },
  yolo: { name: 'YOLO boxes', group: 'pictures', help: 'A text file a picture, to train Ultralytics’ detectors' },
  'yolo-segment': { name: 'YOLO outlines', group: 'pictures', help: 'A text file a picture with outlines, to train for segmentation' },
  'yolo-obb': { name: 'YOLO turned boxes', group: 'pictures', help: 'A text file a picture with the corners of boxes that are turned' },
  'yolo-pose': { name: 'YOLO poses', group: 'pictures', help: 'A text file a picture with the points of skeletons' },
  'yolo-classify': { name: 'YOLO classes', group: 'pictures', help: 'Pictures in a folder for each class, to train a classifier' },
  darknet: { name: 'Darknet YOLO', group: 'pictures', help: 'Boxes as the first versions of YOLO read them, with obj.names' },
  voc: { name: 'Pascal VOC', group: 'pictures', help: 'An XML file a picture, and masks as pictures' },
  cvat: { name: 'CVAT', group: 'pictures', help: 'One XML file with every shape and attribute that CVAT has' },
  'cvat-json': { name: 'CVAT JSON', group: 'video', help: 'What the interface of CVAT takes: shapes, tracks and cuboids' },
  'label-studio': { name: 'Label Studio', group: 'whole', help: 'One JSON file of tasks with their regions, choices and relations' },
  datumaro: { name: 'Datumaro', group: 'pictures', help: 'The JSON of Intel’s converter, for pictures and clouds' },
  labelme: { name: 'Labelme', group: 'pictures', help: 'A JSON file a picture, as the program Labelme keeps them' },
  via: { name: 'VGG VIA', group: 'pictures', help: 'One JSON file, as Oxford’s annotator reads it' },
  'open-images': { name: 'Open Images', group: 'pictures', help: 'Tables of boxes and of classes of whole pictures' },
  cvat_video: {
    name: 'CVAT for video',
    group: 'video',
    help: 'A file a video, with keyframes and attributes; CVAT and its kin read it',
    loses: () => ['Attributes of the whole video, notes, and how a label came about, have no place in it.'],
  },
  mot: {
    name: 'MOT Challenge',
    group: 'video',
    help: 'A box a row in each frame, a folder a video; tracking code reads it',
    loses: () => ['Attributes, and which frames are keyframes, have no place in it; what is covered is written as of unknown visibility.'],
  },
  mots: { name: 'MOTS', group: 'video', help: 'A mask a row in each frame, for tracking by pixels' },
  'mots-png': { name: 'MOTS pictures', group: 'video', help: 'A picture of numbers for each frame, for tracking by pixels' },
  'kitti-tracking': { name: 'KITTI tracking', group: 'video', help: 'A row a thing in each frame, with its track' },
  csv: {
    name: 'CSV',
    group: 'tables',
    help: 'A row an object or a choice, for spreadsheets',
    loses: ({ question }) => [...(question.shapes.includes('polygon') ? ['Outlines are text in one column.'] : []), 'Answers that were not chosen are left out.'],
  },
  tsv: { name: 'TSV', group: 'tables', help: 'A row an item, with tabs between the columns' },
  jsonl: { name: 'JSONL rows', group: 'tables', help: 'A line of JSON an item, with columns as Hugging Face’s datasets has them' },
  parquet: { name: 'Parquet', group: 'tables', help: 'Rows packed by columns; pandas, Polars and DuckDB read them' },
  cuboids: {
    name: 'Cuboids and sensors',
    group: 'space',
    help: 'A JSON line a moment, which `fairmark convert --from items` makes nuScenes, KITTI and others of',
    loses: () => ['Choices, notes and attributes of the whole item have no place in it.'],
  },
  kitti: {
    name: 'KITTI',
    group: 'space',
    help: 'Labels and calibrations of KITTI’s object set, in one archive',
    loses: () => ['What no camera sees, leaning boxes and most attributes have no place in KITTI.'],
  },
  'kitti-raw': { name: 'KITTI raw', group: 'space', help: 'Tracklets in XML, as KITTI’s raw drives have them' },
  points: {
    name: 'Classes of points',
    group: 'space',
    help: 'A number a point, one file a cloud, as SemanticKITTI has them',
    loses: () => ['Cuboids and attributes have no place in it.'],
  },
  nuscenes: {
    name: 'nuScenes',
    group: 'space',
    help: 'Its tables, a scene a drive, with lidarseg where points have classes: a byte a point',
    loses: () => ['Notes, choices, lenses that bend, and how a label came about, have no place in it.'],
  },
  spans: {
    name: 'Spans',
    group: 'text',
    help: 'A JSON line a text with its spans, to train with; spaCy’s tools read it',
    loses: () => ['Notes, relations, groups, and how a label came about, have no place in it.'],
  },
  doccano: { name: 'doccano', group: 'text', help: 'A JSON line a text, with its classes, spans and relations' },
  argilla: { name: 'Argilla', group: 'text', help: 'A JSON line a record, with its questions and responses' },
  prodigy: { name: 'Prodigy', group: 'text', help: 'A JSON line a text, with tokens, spans and relations' },
  spacy: { name: 'spaCy', group: 'text', help: 'A JSON line a text with its entities, to make spaCy’s binary of' },
  conll: { name: 'CoNLL-2003', group: 'text', help: 'A token a line, with the tag of the name that it belongs to' },
  brat: { name: 'brat', group: 'text', help: 'A text file and its spans beside it, for each text' },
  items: { name: 'Fairmark items', group: 'whole', help: 'A JSON line an item, which `fairmark convert` makes all others of' },
  webdataset: { name: 'WebDataset', group: 'whole', help: 'A TAR of samples, to stream into training' },
  images: { name: 'Pictures in folders', group: 'whole', help: 'Pictures and nothing else, in a folder for each class' },
}

/** What is told of a format; of one that came later than this page, its name. */
export const about = (format: Format): About => (formats as Partial<Record<Format, About>>)[format] ?? { name: formatName(format), help: '', group: 'whole' }

/** The few that most people want of such a project, the one that loses nothing first. */
export function recommended({ media, shapes, choice, spans }: Question): Format[] {
  const drawn = shapes.length > 0
  const has = (...wanted: string[]) => shapes.some((shape) => wanted.includes(shape))
  const yolo: Format[] = [
    ...(has('box') ? ['yolo' as const] : has('turned') ? ['yolo-obb' as const] : []),
    ...(has('polygon', 'mask') ? ['yolo-segment' as const] : []),
    ...(has('keypoints') ? ['yolo-pose' as const] : []),
    ...(!drawn && choice ? ['yolo-classify' as const] : []),
  ]
  switch (media) {
    case 'image': return ['native', 'coco', ...yolo, 'csv']
    case 'video': return ['native', 'cvat_video', 'mot', 'coco', 'csv']
    case 'text': return ['native', ...(spans === true ? ['spans' as const] : []), 'csv', 'parquet']
    case 'cloud': return ['native', 'cuboids', 'points', 'kitti', 'nuscenes', 'csv']
  }
}

/** What is chosen until somebody chooses: what loses nothing, and what most tools of the field read. */
export const chosenFirst = ({ media, shapes, spans }: Question): Format[] => {
  const own = { image: 'coco', video: 'cvat_video', cloud: shapes.includes('points3d') ? 'points' : 'cuboids', text: spans === true ? 'spans' : 'csv' } as const
  return ['native', own[media]]
}

export interface Shelf { title: string; formats: Format[] }

/** The formats beside the recommended ones, by group; a filter leaves those with all of its words, and those that are chosen. */
export function shelves(offers: readonly FormatOffer[], apart: readonly Format[], filter: string, chosen: readonly Format[]): Shelf[] {
  const words = filter.trim().toLowerCase().split(/\s+/).filter(Boolean)
  const title = (group: Group) => groups.find((each) => each.group === group)?.title ?? ''
  const matches = ({ format, file }: FormatOffer) => {
    const { name, help, group } = about(format)
    const text = `${name} ${help} ${format} ${file} ${title(group)}`.toLowerCase()
    return chosen.includes(format) || words.every((word) => text.includes(word))
  }
  const left = offers.filter((offer) => !apart.includes(offer.format) && matches(offer)).map((offer) => offer.format)
  return groups
    .map((each) => ({ title: each.title, formats: left.filter((format) => about(format).group === each.group) }))
    .filter((shelf) => shelf.formats.length > 0)
}

/** What was lost, format by format, in the order of `order`; what was lost most comes first. */
export function lossesOf(loss: readonly Loss[], order: readonly Format[]): { format: Format; losses: Loss[]; count: number }[] {
  const all = [...order, ...loss.map((each) => each.format)].filter((format, at, list) => list.indexOf(format) === at)
  return all.map((format) => {
    const losses = loss.filter((each) => each.format === format).sort((a, b) => b.count - a.count)
    return { format, losses, count: losses.reduce((sum, each) => sum + each.count, 0) }
  })
}

const sentences: Record<string, string> = {
  attribute: 'attributes', attributes: 'attributes of objects', attribute_as_text: 'attributes, written as text', attribute_that_changes: 'values that change from frame to frame',
  box_around_cuboid: 'cuboids, written as the boxes around them', box_around_keypoints: 'skeletons, written as the boxes around them',
  candidate: 'answers to a prompt', choice: 'classes of whole items', class_of_the_whole: 'classes of whole items', class_with_a_space: 'names of classes with a space in them',
  classes_of_points: 'classes of points', covered: 'objects that others cover wholly', covered_in_part: 'objects that others cover in part', cuboid: 'cuboids', cuboid_as_box: 'cuboids, written as the boxes around them',
  curve_as_line: 'bends, laid out straight', cut_at_the_edge: 'objects cut at the edge of the picture', direction: 'which way relations lead', ellipse: 'ellipses', ellipse_as_box: 'ellipses, written as the boxes around them',
  ellipse_as_polygon: 'ellipses, written as outlines', file_name: 'names of files that the format cannot have', file_not_there: 'files that are not at hand', frame: 'numbers of frames',
  frame_without_marks: 'frames in which nothing is seen', group: 'groups', hole_cut_open: 'holes, cut open into the outline', id: 'ids', item_attribute: 'attributes of whole items', item_id: 'ids of items',
  item_without_marks: 'items in which nothing is marked', keypoints: 'skeletons', keypoints_apart: 'skeletons, written as points of their own', line: 'lines', line_as_box: 'lines, written as the boxes around them', line_breaks: 'line breaks', mark: 'objects', mark_id: 'ids of objects', mask: 'masks', metadata: 'what else is known of items',
  more_than_254_things: 'things beyond the 254 that a picture can have', more_than_999_things: 'things beyond the 999 that a class can have', name_of_sensor: 'names of cameras and scanners', name_taken: 'items whose name another one has', no_class: 'items without a class', no_pose: 'objects without a skeleton',
  note: 'notes', object: 'objects', occluded: 'what is covered', out_of_the_picture: 'what no camera sees', outline_as_box: 'outlines and lines, written as the boxes around them', outline_as_polygon: 'curved outlines, written with corners', outline_as_pixels: 'outlines, written as pixels',
  outside_the_picture: 'objects outside of their picture', overlapping_span: 'spans that lie over others', parent_class: 'which class is part of which', polygon: 'outlines', polygon_as_box: 'outlines, written as the boxes around them',
  polygon_as_mask: 'outlines, written as masks', polygon_of_several_parts: 'objects of several parts', place_of_the_vehicle: 'where the vehicle was', points: 'points', points_as_box: 'points, written as boxes', region: 'objects', relation: 'relations', repeated_span: 'spans that stand twice', rounded_coordinates: 'places, rounded to whole pixels',
  score: 'scores', sensors: 'cameras and scanners', shape_of_no_size: 'shapes without a size', size: 'sizes of pictures', size_unknown: 'objects of pictures whose size is not known', span: 'spans of text', span_within_a_token: 'spans that end inside of a word',
  subset: 'parts of the data set (train, val …)', text: 'texts', track: 'tracks', turn_of_ellipse: 'which way ellipses lean', turned_box_as_polygon: 'turned boxes, written as outlines', turned_down: 'answers that were not chosen',
  without_box: 'objects without a box, such as points', without_class: 'objects without a class', words: 'captions and other words',
}

/** What a kind of loss is, in words. */
export const lossText = (kind: string): string => sentences[kind] ?? kind.replace(/_/g, ' ')
