import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { EmptyState, SkeletonRows } from '../../ui/Bits'
import { LinkButton } from '../../ui/Button'
import { ErrorState } from '../../ui/ErrorState'

export function NotFound() {
  return (
    <EmptyState icon="search" title="There is nothing at this address" acts={<LinkButton to="/" look="primary">Go home</LinkButton>}>
      It may have been removed, or it belongs to an organization that you are not in at the moment.
    </EmptyState>
  )
}

export function RouteError({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <ErrorState
      error={error}
      retry={() => {
        reset()
        void router.invalidate()
      }}
    />
  )
}

export const RouteLoading = () => <SkeletonRows rows={5} />

/** The same where no page is around them. */
export const RootNotFound = () => <main><NotFound /></main>
export const RootError = (props: ErrorComponentProps) => <main><RouteError {...props} /></main>
