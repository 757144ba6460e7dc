export { Bitmaps } from './bitmaps'
export { CanvasView, type CanvasViewOptions, type Look } from './canvas-view'
export type { ImageSource, Level, TiledImage, WholeImage } from './image-source'
