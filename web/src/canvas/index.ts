/**
 * The editor of answers to images: a small database with an undo log and a state chart on top. It
 * knows no page and no framework; a page shows its snapshots, feeds it events and runs its commands.
 *
 *     const editor = new Editor({ image, ontology, answer, newId: shortIds(Math.random) })
 *     const objects = useSyncExternalStore(editor.subscribe, () => editor.getSnapshot().objects)
 *     editor.onDocumentDiff((diff, source) => { if (source !== 'server') save(editor.toAnswer()) })
 *     <button onClick={() => editor.run('zoom.fit')}>
 */
export { type CloudView, Editor, type EditorOptions, type Player, type TextView } from './editor'
export type { Snapshot } from './snapshot'
export type { Input, KeyInput, Modifiers, PinchInput, PointerInput, WheelInput } from './events'
export type { Mark, Mode } from './tools/state'
export { type ToolId, type ToolRow, isDrawingTool, toolIds, toolRow, toolsFor } from './tools'

export { type Answer, type AnswerObject, type AnswerRelation, type AnswerSpan, type AnswerTrack, objectOfSpan, objectOfTrack, shortIds, topRecords } from './document'
export { type SpanRecord, boundsOfRange, excerpt, markRange, putEnd, rangeInHand, selectAt, setRange, spansOf } from './spans'
export { type CuboidRecord, createCuboid, cuboidFields, cuboidInHand, isCuboid, moveAlong, putStand, removeKey, setCuboidField, setFrame, setMoving, solidsOf, standOf, toggleGone } from './cuboids'
export { type PointsRecord, givePoints, isPoints, ownersOf, pointsIn, selectPoint } from './points'
export { type Cuboid3d, type Stand, rotationOf, solidOf, standAt } from './shapes/cuboid3d'
export { type Aspect, type ChangedObject, type Comparison, compare, sameJson } from './compare'
export { type Difference, type Pairing, differences } from './differences'
export { type CameraImage, type PaneView, cameraInFront, imageOf, isInFront, setView, showCamera, showCameraOf } from './cameras'
export { openPin, placeOfPin, showPlace } from './pins'
export type { Asked, Draft, EditorRecord, Ghost, ItemRecord, ObjectRecord, Pin, Proposal, Range, RelationRecord, Session, TrackRecord } from './records'
export type { Change, Diff } from './diff'
export type { Source } from './store'
export { type Shape, type ShapeKind, boundsOfShape, distanceTo, kinds, util } from './shapes'
export type { Dot, Field, Handle, Path, ShapeUtil, Skeleton } from './shapes/util'
export { type Attributes, type Ontology, type OntologyAttribute, type OntologyClass, type RelationKind, attributesOf, defaultsOf, joins, skeletonOf } from './ontology'

export { type Command, commands } from './commands'
export { type Kit, loadAskKit, loadKits } from './kits'
export { type Binding, type Chord, type Conflict, Keymap, type Remapping, chordLabel, chordOf, isChord, sharesMode } from './keymap'
export { centreOn, setScreen, zoomBy, zoomTo, zoomToFit, zoomToSelection } from './view'
export { clearFlag, flag, select, selectAll, selectNeighbour, toggleFlag, toggleSnapping } from './selection'
export { describeRelation, group, join, joinTo, kindOf, kindsBetween, membersOf, relate, relationsOf, selectGroup, setRelation, turnRelation, ungroup, unrelate } from './relations'
export { classesOf, showOnly, stepClass } from './only'
export { cancelErrand } from './errands'
export { handleOnScreen } from './hits'
export {
  exportSelection,
  importSelection,
  remove,
  reorderSelection,
  setAttribute,
  setChoices,
  setClass,
  setField,
  setGeometry,
  setHandle,
  setItemAttribute,
  setNote,
} from './actions'

export { type Camera, toImage, toScreen, visible } from './kernels/camera'
export type { Bounds, Point, Size } from './kernels/geometry'
export type { Elsewhere } from './kernels/jobs'
export type { Pixels } from './kernels/pixels'
