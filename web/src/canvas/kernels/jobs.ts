import type { Bounds, Size } from './geometry'
import { grabCut } from './grabcut'
import type { Pixels } from './pixels'
import type { Bits } from './rle'
import { type Pieces, piecesOf } from './slic'

// Work that takes longer than a hand waits: as data, so that it can be done beside the page.

export type Job =
  | { readonly kind: 'pieces'; readonly pixels: Pixels; readonly side: number }
  | { readonly kind: 'cut'; readonly pixels: Pixels; readonly box: Bounds; readonly image: Size }

export type Done<J extends Job> = J['kind'] extends 'pieces' ? Pieces : Bits

export function doJob(job: Job): Pieces | Bits {
  switch (job.kind) {
    case 'pieces':
      return piecesOf(job.pixels, job.side)
    case 'cut':
      return grabCut(job.pixels, job.box, job.image)
  }
}

/** A job under way. */
export interface Running<R> {
  readonly done: Promise<R>
  cancel(): unknown
}

/** Gives a job to somebody; what was cancelled is never heard of again. */
export type Elsewhere = (job: Job) => Running<Pieces | Bits>
