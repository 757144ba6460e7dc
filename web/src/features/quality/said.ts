import type { Answer } from '../../api/types'
import { number } from '../../ui/format'

const count = (things: readonly unknown[], one: string, many: string): string => (things.length === 1 ? `1 ${one}` : `${number(things.length)} ${many}`)

/** An answer in a few words, where neither the classes' names nor the picture are at hand. */
export function said({ choices = [], objects = [], tracks = [], spans = [], attributes = {} }: Answer): string {
  const parts = [
    ...(choices.length > 0 ? [choices.join(', ')] : []),
    ...(objects.length > 0 ? [count(objects, 'object', 'objects')] : []),
    ...(tracks.length > 0 ? [count(tracks, 'track', 'tracks')] : []),
    ...(spans.length > 0 ? [count(spans, 'span', 'spans')] : []),
    ...(choices.length + objects.length + tracks.length + spans.length === 0 ? Object.entries(attributes).map(([key, value]) => `${key}: ${Array.isArray(value) ? value.join(', ') : String(value)}`) : []),
  ]
  return parts.join(' · ') || 'nothing marked'
}
