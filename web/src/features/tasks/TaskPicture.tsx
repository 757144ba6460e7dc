import type { Answer, Item, Ontology } from '../../api/types'
import css from './Tasks.module.css'

const words = (answer: Answer | null, ontology: Ontology | null): string => {
  const name = (key: string) => ontology?.classes.find((each) => each.key === key)?.name ?? key
  const counts = new Map<string, number>()
  for (const object of answer?.objects ?? []) counts.set(object.class, (counts.get(object.class) ?? 0) + 1)
  const parts = [...counts].map(([key, count]) => `${count} × ${name(key)}`)
  return [...parts, ...(answer?.choices ?? []).map(name)].join(', ') || 'nothing marked'
}

/** An item with an answer laid over it, to look at. The workbench draws it in its own way where work is done. */
export function TaskPicture({ item, answer, ontology }: { item: Item; answer: Answer | null; ontology: Ontology | null }) {
  if (item.media === 'text') return <p className={css.text} dir="auto">{item.text}</p>
  const width = item.width ?? 4
  const height = item.height ?? 3
  const color = (key: string) => ontology?.classes.find((each) => each.key === key)?.color ?? '#0b7285'
  const stroke = Math.max(width, height) / 400
  return (
    <div className={css.picture}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${item.name}: ${words(answer, ontology)}`}>
        {item.picture && <image href={item.picture.full_url ?? item.picture.preview_url} width={width} height={height} preserveAspectRatio="none" />}
        {answer?.objects?.map((object) =>
          object.shape.type === 'box'
            ? <rect key={object.id} x={object.shape.x} y={object.shape.y} width={object.shape.width} height={object.shape.height} fill={color(object.class)} fillOpacity={0.16} stroke={color(object.class)} strokeWidth={stroke} />
            : <polygon key={object.id} points={object.shape.points.map(([x, y]) => `${x},${y}`).join(' ')} fill={color(object.class)} fillOpacity={0.16} stroke={color(object.class)} strokeWidth={stroke} strokeLinejoin="round" />,
        )}
      </svg>
    </div>
  )
}
