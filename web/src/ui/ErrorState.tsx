import { type ApiError, isApiError } from '../api/errors'
import css from './Bits.module.css'
import { Note } from './Bits'
import { Button } from './Button'
import { Icon } from './Icon'

const offline = (error: unknown) => isApiError(error) && error.code === 'offline'

const sentence = (error: unknown): string =>
  error instanceof Error ? error.message : 'Something went wrong on this page.'

const Facts = ({ error }: { error: ApiError }) => (
  <div className={css.facts}>
    <span>Code <code>{error.code}</code></span>
    {error.request && <span>Request <code>{error.request}</code></span>}
  </div>
)

/** What failed, in words, with what a person needs to report it, and a way on. */
export function ErrorState({ error, retry, title }: { error: unknown; retry?: () => void; title?: string }) {
  const away = offline(error)
  const heading = title ?? (away ? 'You are offline' : isApiError(error) && error.status === 404 ? 'Not found' : isApiError(error) && error.status === 403 ? 'Not yours to see' : 'That did not work')
  return (
    <div className={css.state} data-bad={away ? undefined : ''} role="alert">
      <Icon name={away ? 'offline' : 'warn'} size={36} strokeWidth={1.3} />
      <h2>{heading}</h2>
      <p>{sentence(error)}</p>
      {isApiError(error) && !away && <Facts error={error} />}
      {retry && <div className={css.acts}><Button icon="retry" onPress={retry}>Try again</Button></div>}
    </div>
  )
}

/** The same beside a form: every problem that the server named, at once. */
export function ErrorNote({ error }: { error: unknown }) {
  if (!error) return null
  const known = isApiError(error) ? error : null
  return (
    <Note tone={offline(error) ? 'warn' : 'bad'} live title={sentence(error)}>
      {known && known.problems.length > 0 && (
        <ul>{known.problems.slice(0, 12).map((problem) => <li key={problem.path + problem.code}><code>{problem.path}</code> {problem.message}</li>)}</ul>
      )}
      {known && known.status >= 500 && <Facts error={known} />}
    </Note>
  )
}
