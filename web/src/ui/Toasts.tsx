import { useSyncExternalStore } from 'react'
import { Icon } from './Icon'
import css from './Toasts.module.css'
import { dismiss, toastStore } from './toast'

/** Where toasts appear: once in the page, read aloud politely, never taking the focus. */
export function Toasts() {
  const toasts = useSyncExternalStore(toastStore.subscribe, toastStore.get)
  return (
    <section
      className={css.region}
      aria-label="Messages"
      aria-live="polite"
      onMouseEnter={toastStore.hold}
      onMouseLeave={toastStore.go}
      onFocus={toastStore.hold}
      onBlur={toastStore.go}
    >
      {toasts.map((each) => (
        <div key={each.id} className={css.toast} data-tone={each.tone} role={each.tone === 'bad' ? 'alert' : undefined}>
          {each.tone === 'good' && <Icon name="check" size={16} />}
          {each.tone === 'bad' && <Icon name="warn" size={16} />}
          <span>{each.text}</span>
          {each.act && (
            <button type="button" className={css.act} onClick={() => { each.act?.run(); dismiss(each.id) }}>{each.act.label}</button>
          )}
          <button type="button" className={css.close} aria-label="Dismiss" onClick={() => dismiss(each.id)}><Icon name="x" size={14} /></button>
        </div>
      ))}
    </section>
  )
}
