import css from './Bench.module.css'

/** The key on a button, in the button's own colours; not where there is no keyboard. */
export function Hint({ children }: { children: string }) {
  return <span className={css.hint} aria-hidden="true">{children}</span>
}
