import type { Command } from './commands'
import type { Diff } from './diff'
import type { Editor } from './editor'
import type { Camera } from './kernels/camera'
import type { Size } from './kernels/geometry'
import type { EditorRecord } from './records'
import { zoomToFit } from './view'

// Several pictures of one moment, side by side (W160–W164). One of them is in front: it is what the hands and the tools
// mean, and the image of the editor. Each keeps how it is looked at.

/** One of the cameras of a rig: its name, as objects say it, and the size of its picture. */
export interface CameraImage extends Size {
  readonly name: string
}

/** How a picture is looked at while another is in front. */
export interface PaneView {
  readonly camera: Camera
  readonly fitted: boolean
}

type Seen = { readonly camera?: string | undefined }

/** The name of the camera in front; none where there is one picture alone. */
export const cameraInFront = ({ cameras, session }: Editor): string | undefined => cameras[session.pane]?.name

/** Whether a thing is in the picture in front. */
export const isInFront = (editor: Editor, { camera }: Seen): boolean => editor.cameras.length === 0 || camera === cameraInFront(editor)

/** The picture that a thing is in. */
export const imageOf = (editor: Editor, { camera }: Seen): Size => editor.cameras.find(({ name }) => name === camera) ?? editor.image

/** Brings a camera to the front; false where it is there already, or a shape is begun and not finished. */
export function showCamera(editor: Editor, at: number): boolean {
  const { session, cameras, root } = editor
  const next = cameras[at]
  if (next === undefined || at === session.pane) return false
  return editor.act(() => {
    if (root.mode === 'gesture') root.handle({ type: 'cancel', reason: 'interrupt' })
    if (root.mode === 'drawing') {
      editor.say('Finish the shape first, or cancel it')
      return false
    }
    const views = new Map(session.views).set(session.pane, { camera: session.camera, fitted: session.fitted })
    const view = views.get(at)
    // What a tool has worked out is about the other picture.
    editor.pixels = null
    editor.updateSession({ pane: at, views, hovered: null, crosshair: null, handle: null, snapped: null, brushAt: null, asked: { box: null, points: [] } })
    if (view === undefined || view.fitted) zoomToFit(editor)
    else editor.updateSession({ camera: view.camera, fitted: false })
    root.go(root.tool)
    editor.say(`Camera ${next.name}, ${editor.scene.here.length === 1 ? 'one object' : `${editor.scene.here.length} objects`}`)
    return true
  })
}

/** Brings the picture to the front that a thing is in. */
export function showCameraOf(editor: Editor, { camera }: Seen): boolean {
  return camera !== undefined && showCamera(editor, editor.cameras.findIndex(({ name }) => name === camera))
}

function stepCamera(editor: Editor, by: 1 | -1): boolean {
  const { length } = editor.cameras
  return length > 1 && showCamera(editor, (editor.session.pane + by + length) % length)
}

/** Another look at a picture that is not in front. */
export function setView(editor: Editor, at: number, view: PaneView): void {
  editor.updateSession({ views: new Map(editor.session.views).set(at, view) })
}

/** The camera to look at when something was undone or done again: null where anything of it is in front. */
export function cameraOfChange(diff: Diff<EditorRecord>, front: string | undefined): string | null {
  let other: string | null = null
  for (const change of diff.values()) {
    for (const record of change) {
      if (record?.kind !== 'object' || record.camera === undefined) continue
      if (record.camera === front) return null
      other ??= record.camera
    }
  }
  return other
}

/** The keys of the cameras: one after the other, and each by its name. */
export function cameraCommands(cameras: readonly CameraImage[]): Command[] {
  if (cameras.length < 2) return []
  const when = ['select', 'ready'] as const
  return [
    { id: 'camera.next', label: 'Next camera', keys: ['PageDown'], when, run: (e) => stepCamera(e, 1) },
    { id: 'camera.previous', label: 'Previous camera', keys: ['PageUp'], when, run: (e) => stepCamera(e, -1) },
    ...cameras.map(({ name }, at): Command => ({ id: `camera.${at + 1}`, label: `Camera ${name}`, keys: [], when, run: (e) => showCamera(e, at) })),
  ]
}
