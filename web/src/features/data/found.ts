import type { Imported, ImportRequest, Job } from '../../api/types'

const formats: Record<string, string> = {
  coco: 'COCO', 'coco-panoptic': 'COCO panoptic', 'coco-results': 'COCO results', yolo: 'YOLO', 'yolo-segment': 'YOLO segmentation', 'yolo-obb': 'YOLO turned boxes', 'yolo-pose': 'YOLO pose',
  'yolo-classify': 'YOLO classification', darknet: 'Darknet YOLO', voc: 'Pascal VOC', cvat: 'CVAT', 'cvat-json': 'CVAT JSON', 'label-studio': 'Label Studio', datumaro: 'Datumaro', kitti: 'KITTI',
  'kitti-tracking': 'KITTI tracking', 'kitti-raw': 'KITTI raw', labelme: 'Labelme', via: 'VGG VIA', 'open-images': 'Open Images', mot: 'MOT Challenge', mots: 'MOTS', 'mots-png': 'MOTS pictures',
  nuscenes: 'nuScenes', conll: 'CoNLL-2003', conllu: 'CoNLL-U', brat: 'brat', doccano: 'doccano', prodigy: 'Prodigy', spacy: 'spaCy', argilla: 'Argilla', csv: 'CSV', tsv: 'TSV', jsonl: 'JSONL',
  parquet: 'Parquet', items: 'Fairmark items', webdataset: 'WebDataset', images: 'Pictures in folders', native: 'Fairmark release', labelbox: 'Labelbox', createml: 'Create ML',
  mmdetection: 'MMDetection', cityscapes: 'Cityscapes', superannotate: 'SuperAnnotate', supervisely: 'Supervisely', vott: 'VoTT', bdd: 'BDD100K', dota: 'DOTA', 'wider-face': 'WIDER FACE', 'trl-sft': 'TRL conversations',
  'trl-completion': 'TRL prompt and completion', 'trl-prompt': 'TRL prompts', 'trl-preference': 'TRL preference', 'trl-preference-implicit': 'TRL preference, prompt inside', 'trl-kto': 'TRL KTO',
  'trl-stepwise': 'TRL stepwise', 'openai-sft': 'OpenAI SFT', 'openai-dpo': 'OpenAI DPO', sharegpt: 'ShareGPT', alpaca: 'Alpaca', hh: 'HH', arena: 'Arena votes', darwin: 'V7 Darwin',
  fiftyone: 'FiftyOne', sagemaker: 'SageMaker manifest', vertex: 'Vertex AI', 'azure-ml': 'Azure ML', ultrafeedback: 'UltraFeedback', oasst: 'OpenAssistant', squad: 'SQuAD', arrow: 'Arrow',
  camvid: 'CamVid', icdar: 'ICDAR', 'imagenet-txt': 'ImageNet lists', 'segment-anything': 'Segment Anything',
}

/** How people call a format; its own name where it has no other. */
export const formatName = (format: string): string => formats[format] ?? format

/** What a file is read as: told by itself, a list of items, or a format that somebody names. */
export const readings: readonly { value: string; label: string }[] = [
  { value: 'auto', label: 'Recognised by itself' },
  { value: 'manifest', label: 'A manifest: rows of items' },
  ...Object.entries(formats).map(([value, label]) => ({ value, label })).sort((a, b) => a.label.localeCompare(b.label)),
]

/** How an import is asked for a reading. */
export const readAs = (reading: string): Pick<ImportRequest, 'source' | 'format'> =>
  reading === 'auto' || reading === 'manifest' || reading === 'native' ? { source: reading } : { source: 'dataset', format: reading }

const sentences: Record<string, string> = {
  field_not_read: 'fields that are not read', item_without_marks: 'items without a mark', frame: 'numbers of frames', subset: 'parts of the data set (train, val …)',
  cuboid_of_camera: 'boxes in the space of a camera',
  counted_from_one: 'files of VOC itself, which counts pixels from 1: taken as edges, as other tools take them',
  hole_cut_open: 'outlines with holes, which are cut open',
  less_likely: 'predictions that are less likely than another of the same model',
  class_not_in_ontology: 'of a class that the project does not have',
  without_class: 'without a class',
  class_of_the_whole_item: 'classes of the whole item, which this project does not ask for',
  another_answer: 'of a second person: one answer becomes the label',
  another_answer_of_the_same_person: 'second answers of one person, of which the first counts',
  answer_that_nobody_asked_for: 'answers beyond those that the project asks for',
  prediction: 'predictions beside what a person said',
  prediction_of_another_model: 'predictions of a second model',
  attribute: 'values of attributes that the project does not have',
  attribute_value: 'values that the attribute of the project cannot have',
  cut_at_the_edge: 'cut at the edge of the picture',
  outside_the_picture: 'mostly outside of their picture, left out',
  smaller_than_a_pixel: 'smaller than a pixel, left out',
  box_as_polygon: 'boxes taken as polygons',
  polygon_as_its_box: 'polygons taken as the boxes around them',
  turned_box_as_polygon: 'turned boxes taken as polygons',
  turned_box_as_upright_box: 'turned boxes taken as upright ones',
  ellipse_as_polygon: 'ellipses taken as polygons',
  ellipse_as_its_box: 'ellipses taken as the boxes around them',
  mask_as_its_box: 'masks taken as the boxes around them',
  cuboid_in_picture_as_its_box: 'cuboids in the picture taken as the boxes around them',
  relation: 'relations that the project does not have, or whose ends do not fit',
  keypoints_as_their_box: 'keypoints taken as the boxes around them',
  parts_as_objects_of_their_own: 'parts of one object, taken as objects of their own',
  span: 'spans of text', words: 'captions and other words', crowd: 'crowds: many things under one mark', second_choice: 'second classes where one is asked for',
  track: 'tracks through a video', another_shape_in_a_track: 'keyframes of another shape than their track has', attribute_that_changes: 'values that change, of attributes that do not',
  group: 'groups', score: 'scores', lead_time: 'times that an answer took', completed_by: 'names of who answered', draft: 'drafts',
}

/** What a kind of loss is, in words. */
export const lossName = (kind: string): string => sentences[kind] ?? kind.replace(/_/g, ' ')

export const resultOf = (job: Job | undefined): Imported | null => (job?.state === 'done' ? (job.result as Imported) : null)

/** What is to become of a class: one of the project's by its key, a new one, or nothing. */
export type Fate = { to: string } | 'new' | 'out'

/** What an import is told about classes: those that are new are not named, and the ontology grows by them. */
export function told(fates: ReadonlyMap<string, Fate>): { classes: Record<string, string | null>; extend: boolean } {
  const classes: Record<string, string | null> = {}
  let extend = false
  for (const [name, fate] of fates) {
    if (fate === 'new') extend = true
    else classes[name] = fate === 'out' ? null : fate.to
  }
  return { classes, extend }
}
