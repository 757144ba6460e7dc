/**
 * Several answers laid over one picture, each in its contributor's colour: an editor of its own,
 * read-only, in which the classes are the contributors.
 */
import { type AnswerObject, Editor, objectOfSpan, objectOfTrack, shortIds } from '../../canvas'
import type { Answer, Item, Ontology } from '../queue/model'

export interface Layer {
  readonly id: string
  readonly name: string
  readonly color: string
  readonly answer: Answer
}

/** Apart for most eyes, colour-blind ones too, on light and on dark. */
const LAYER_COLORS = ['#2a78d6', '#e07b00', '#00a37a', '#d65fb1', '#b8a000', '#7a4fd0', '#d23c3c', '#4fb6e8', '#7d5a2f', '#5c6770'] as const

export const layerColor = (index: number): string => LAYER_COLORS[index % LAYER_COLORS.length] as string

export function overlayEditor(item: Item, layers: readonly Layer[], { classes }: Ontology): Editor {
  // What joins the points of a skeleton is said by its class, and here the classes are the contributors.
  const bones = classes.filter(({ skeleton }) => skeleton != null)
  const skeleton = bones.length === 1 ? (bones[0]?.skeleton ?? null) : null
  const ontology = whoseOntology(layers, skeleton)
  const names = new Map(classes.map(({ key, name }) => [key, name]))
  const objects = layers.flatMap(({ id: layer, answer }, at) =>
    [...(answer.objects ?? []), ...(answer.spans ?? []).map((span) => objectOfSpan(span) as AnswerObject)].map((object, i) => {
      // Of a span the class is written where it begins; whose it is, the number tells.
      const label = object.shape.type === 'span' ? { label: `${at + 1} ${names.get(object.class) ?? object.class}` } : {}
      const where = object.camera === undefined ? {} : { camera: object.camera }
      return { id: `${layer}-${i}`, class: layer, shape: object.shape, ...where, ...label } as AnswerObject
    }),
  )
  const tracks = layers.flatMap(({ id: layer, answer }, at) =>
    (answer.tracks ?? []).map(({ id, keyframes }) => ({ id: `${at + 1}-${id}`, class: layer, keyframes: keyframes.map(({ attributes: _, ...rest }) => rest) })),
  )
  return lookingEditor(item, ontology, { objects: objects as NonNullable<Answer['objects']>, tracks })
}

/** The contributors as classes. */
export const whoseOntology = (layers: readonly Layer[], skeleton: Ontology['classes'][number]['skeleton'] = null): Ontology => ({
  classes: layers.map(({ id, name, color }) => ({ key: id, name, color, skeleton })),
  attributes: [],
})

/** What is marked, spans and tracks among it. */
export const objectsOf = ({ objects = [], spans = [], tracks = [] }: Answer): readonly AnswerObject[] =>
  [...objects, ...spans.map(objectOfSpan), ...tracks.map(objectOfTrack)] as readonly AnswerObject[]

/** One answer, to be looked at. */
export function lookingEditor(item: Item, ontology: Ontology, answer: Answer): Editor {
  return new Editor({
    image: { width: item.width ?? 1, height: item.height ?? 1 },
    ...(item.cameras === undefined ? {} : { cameras: item.cameras }),
    ...(item.text === null ? {} : { text: item.text }),
    ...(item.video == null ? {} : { frames: item.video.frames }),
    ...(item.scene == null ? {} : { clouds: item.scene.clouds.length }),
    ontology,
    answer: answer as never,
    newId: shortIds(Math.random),
    readOnly: true,
  })
}

/** Shows the layers that are not among the hidden. */
export function showLayers(editor: Editor, hidden: ReadonlySet<string>): void {
  const ids = [...editor.scene.objects, ...editor.scene.tracks].filter((object) => hidden.has(object.class)).map(({ id }) => id)
  editor.act(() => editor.updateSession({ hidden: new Set(ids) }))
}
