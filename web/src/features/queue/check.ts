/**
 * What is wrong with an answer, found before it is handed in. The server decides (rules A1 to A55);
 * this only spares the person the way there and back, and says the same with the same paths.
 */
import { type Shape as Drawn, joins, skeletonOf, util } from '../../canvas'
import type { Answer, AnswerObject, AnswerSpan, AnswerTrack, Attribute, Ontology, Problem, Question, Value, Values } from './model'

const NOTE_MAX = 2_000
const TEXT_MAX = 10_000

export function check(answer: Answer, ontology: Ontology, question: Question): Problem[] {
  const problems: Problem[] = []
  const tell = (path: string, code: string, message: string) => void problems.push({ path, code, message })
  const { objects = [], spans = [], tracks = [], choices = [], attributes = {}, note = '' } = answer

  if (question.choice !== null && choices.length === 0) tell('choices', 'choice_missing', 'Choose an answer.')
  if (question.choice === 'single' && choices.length > 1) tell('choices', 'choice_many', 'Only one choice is possible.')
  for (const [i, object] of objects.entries()) checkObject(object, `objects[${i}]`, ontology, tell)
  const said = new Set<string>()
  for (const [i, span] of spans.entries()) {
    checkThing(span, `spans[${i}]`, ontology, tell)
    const what = `${span.class} ${span.start} ${span.end}`
    if (said.has(what)) tell(`spans[${i}]`, 'duplicate', 'This passage is marked as the same class twice: delete one.')
    said.add(what)
  }
  for (const [i, track] of tracks.entries()) checkTrack(track, `tracks[${i}]`, ontology, tell)
  checkRelations(answer, ontology, question, tell)
  checkValues(attributes, 'attributes', itemAttributes(ontology), tell)
  if (codePoints(note) > NOTE_MAX) tell('note', 'too_long', `The note is longer than ${NOTE_MAX} characters.`)
  return problems
}

/** Of another class than it was joined under, a thing may stand so to another no longer (A51). */
function checkRelations({ relations = [], objects = [], spans = [] }: Answer, ontology: Ontology, question: Question, tell: Tell): void {
  if (relations.length === 0) return
  const classes = new Map((question.spans === true ? spans : objects).map((thing) => [thing.id, thing.class]))
  const nameOf = (key: string) => ontology.classes.find((each) => each.key === key)?.name ?? key
  for (const [i, { relation, from, to }] of relations.entries()) {
    const [a, b] = [classes.get(from), classes.get(to)]
    const kind = ontology.relations?.find(({ key }) => key === relation)
    if (kind === undefined || a === undefined || b === undefined) tell(`relations[${i}]`, 'unknown_end', 'A relation leads nowhere: take it away.')
    else if (!joins(ontology, kind, a, b)) tell(`relations[${i}]`, 'wrong_ends', `“${kind.name}” does not lead from ${nameOf(a)} to ${nameOf(b)}: choose another, or take it away.`)
  }
}

type Tell = (path: string, code: string, message: string) => void

function checkObject(object: AnswerObject, path: string, ontology: Ontology, tell: Tell): void {
  const shape = object.shape as Drawn
  if (!util(shape).isWorthKeeping(shape)) {
    tell(`${path}.shape`, 'too_small', 'This object is too small to be kept.')
  }
  // Of another class than it was drawn under, a skeleton may fit no longer.
  const bones = skeletonOf(ontology, object.class)?.points.length ?? 0
  if (shape.type === 'keypoints' && shape.points.length !== bones) {
    tell(`${path}.shape`, 'no_skeleton', bones === 0 ? 'This class has no skeleton: choose another.' : `The skeleton of this class has ${bones} points: choose another class.`)
  }
  checkThing(object, path, ontology, tell)
}

/** What may change is asked of the first keyframe: it holds until another says something else (A33). */
function checkTrack(track: AnswerTrack, path: string, ontology: Ontology, tell: Tell): void {
  if (!ontology.classes.some(({ key }) => key === track.class)) tell(`${path}.class`, 'unknown_class', 'Give this track a class.')
  const asked = objectAttributes(ontology, track.class)
  checkValues((track.attributes ?? {}) as Values, `${path}.attributes`, asked.filter(({ per_frame }) => per_frame !== true), tell)
  const changing = asked.filter(({ per_frame }) => per_frame === true)
  for (const [j, { attributes = {} }] of track.keyframes.entries()) {
    const wanted = j === 0 ? changing : changing.filter(({ key }) => key in attributes)
    checkValues(attributes as Values, `${path}.keyframes[${j}].attributes`, wanted, tell)
  }
}

function checkThing(thing: AnswerObject | AnswerSpan, path: string, ontology: Ontology, tell: Tell): void {
  if (!ontology.classes.some(({ key }) => key === thing.class)) {
    tell(`${path}.class`, 'unknown_class', 'Give this object a class.')
  }
  checkValues(thing.attributes ?? {}, `${path}.attributes`, objectAttributes(ontology, thing.class), tell)
}

function checkValues(values: Values, path: string, attributes: readonly Attribute[], tell: Tell): void {
  for (const attribute of attributes) {
    const message = problemOf(attribute, values[attribute.key])
    if (message !== null) tell(`${path}.${attribute.key}`, 'value', message)
  }
}

/** What is wrong with one value, in a sentence. */
export function problemOf(attribute: Attribute, value: Value | undefined): string | null {
  const { name, type, required, min, max } = attribute
  const isMissing = value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
  if (isMissing) return required ? `“${name}” needs a value.` : null
  if (type === 'number' && typeof value === 'number') {
    if (!Number.isFinite(value)) return `“${name}” must be a number.`
    if (min != null && value < min) return `“${name}” must be at least ${min}.`
    if (max != null && value > max) return `“${name}” must be at most ${max}.`
  }
  if (type === 'text' && typeof value === 'string' && codePoints(value) > TEXT_MAX) {
    return `“${name}” is longer than ${TEXT_MAX} characters.`
  }
  return null
}

/** The class and its ancestors. A circle, which no saved ontology has, ends the walk. */
export function lineage(ontology: Ontology, key: string): string[] {
  const line: string[] = []
  let at: string | null | undefined = key
  while (at != null && !line.includes(at)) {
    line.push(at)
    const here: string = at
    at = ontology.classes.find((each) => each.key === here)?.parent
  }
  return line
}

/** The attributes that an object of a class has (O4), without the retired. */
export function objectAttributes(ontology: Ontology, classKey: string): Attribute[] {
  const line = lineage(ontology, classKey)
  return ontology.attributes.filter(({ scope, classes = [], retired }) => {
    return scope === 'object' && !retired && (classes.length === 0 || classes.some((key) => line.includes(key)))
  })
}

export const itemAttributes = (ontology: Ontology): Attribute[] =>
  ontology.attributes.filter(({ scope, retired }) => scope === 'item' && !retired)

/** Length as the rules count it: in code points, not in the units that a browser counts. */
export const codePoints = (text: string): number => [...text].length

/** The object that a problem's path points at, or null where it points at the item. */
export function objectOf(path: string, answer: Answer): string | null {
  const [, list, index] = /^\$?\.?(objects|spans|tracks)\[(\d+)\]/.exec(path) ?? []
  return index === undefined ? null : (answer[list as 'objects' | 'spans' | 'tracks']?.[Number(index)]?.id ?? null)
}
