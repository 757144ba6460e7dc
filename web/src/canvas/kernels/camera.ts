import { type Bounds, type Point, type Size, clamp } from './geometry'

/** How the image lies on the screen: screen pixels per image pixel, and the image point at the top left. */
export interface Camera {
  readonly zoom: number
  readonly x: number
  readonly y: number
}

export interface ZoomRange {
  readonly min: number
  readonly max: number
}

export const toImage = (camera: Camera, screen: Point): Point => [
  screen[0] / camera.zoom + camera.x,
  screen[1] / camera.zoom + camera.y,
]

export const toScreen = (camera: Camera, image: Point): Point => [
  (image[0] - camera.x) * camera.zoom,
  (image[1] - camera.y) * camera.zoom,
]

/** The part of the image that the screen shows (it may reach beyond the image). */
export const visible = (camera: Camera, screen: Size): Bounds => ({
  left: camera.x,
  top: camera.y,
  right: camera.x + screen.width / camera.zoom,
  bottom: camera.y + screen.height / camera.zoom,
})

/** Zooms so that what is under `at` stays under it (W20). */
export function zoomAt(camera: Camera, at: Point, factor: number, range: ZoomRange): Camera {
  const zoom = clamp(camera.zoom * factor, range.min, range.max)
  return { zoom, x: camera.x + at[0] / camera.zoom - at[0] / zoom, y: camera.y + at[1] / camera.zoom - at[1] / zoom }
}

export const pan = (camera: Camera, by: Point): Camera => ({
  ...camera,
  x: camera.x - by[0] / camera.zoom,
  y: camera.y - by[1] / camera.zoom,
})

/** The camera that shows these bounds as large as they go, in the middle. */
export function fitTo(bounds: Bounds, screen: Size, margin: number, range: ZoomRange): Camera {
  const width = Math.max(1, bounds.right - bounds.left)
  const height = Math.max(1, bounds.bottom - bounds.top)
  const room = (side: number) => Math.max(1, side - 2 * margin)
  const zoom = clamp(Math.min(room(screen.width) / width, room(screen.height) / height), range.min, range.max)
  return centre({ zoom, x: 0, y: 0 }, [(bounds.left + bounds.right) / 2, (bounds.top + bounds.bottom) / 2], screen)
}

export const centre = (camera: Camera, on: Point, screen: Size): Camera => ({
  zoom: camera.zoom,
  x: on[0] - screen.width / camera.zoom / 2,
  y: on[1] - screen.height / camera.zoom / 2,
})

/** Keeps the middle of the screen on the image, so that nobody gets lost in the void (W21). */
export function keepOnImage(camera: Camera, screen: Size, image: Size): Camera {
  const half: Point = [screen.width / camera.zoom / 2, screen.height / camera.zoom / 2]
  return {
    zoom: camera.zoom,
    x: clamp(camera.x + half[0], 0, image.width) - half[0],
    y: clamp(camera.y + half[1], 0, image.height) - half[1],
  }
}

/** The smallest move of the camera that brings the point into view, a margin off the rim. */
export function reveal(camera: Camera, point: Point, screen: Size, marginPx: number): Camera {
  const margin = Math.min(marginPx, screen.width / 4, screen.height / 4)
  const [x, y] = toScreen(camera, point)
  const off = (at: number, side: number) => at - clamp(at, margin, Math.max(margin, side - margin))
  return pan(camera, [-off(x, screen.width), -off(y, screen.height)])
}
