import type { ReactNode } from 'react'
import { Mark } from '../../ui/Icon'
import { useTitle } from '../../ui/Page'
import css from './Entry.module.css'

export const PASSWORD_MIN = 15

/** What every password field says; the server decides, this only tells in time. */
export const passwordProblem = (password: string): string | null =>
  password.length > 0 && [...password].length < PASSWORD_MIN ? `At least ${PASSWORD_MIN} characters: a few words do well.` : null

/** The frame of the pages before one is signed in. */
export function EntryFrame({ title, lede, wide, children, foot }: { title: string; lede?: ReactNode; wide?: boolean; children: ReactNode; foot?: ReactNode }) {
  useTitle(title)
  return (
    <main className={css.screen}>
      <div className={css.box} data-wide={wide ? '' : undefined}>
        <div className={css.brand}><Mark size={32} /> Fairmark</div>
        <div className={css.card}>
          <header><h1>{title}</h1>{lede && <p>{lede}</p>}</header>
          {children}
        </div>
        {foot && <p className={css.foot}>{foot}</p>}
      </div>
    </main>
  )
}

export { css as entry }
