import './ui/tokens.css'
import './ui/base.css'
import { MutationCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { onOccasion } from './api/client'
import { isPassing } from './api/errors'
import { Occasions } from './features/shell/Occasions'
import { makeRouter } from './router'
import { fetchWhenIdle } from './ui/idle'
import { applyTheme } from './ui/theme'
import { toast } from './ui/toast'
import { Toasts } from './ui/Toasts'

applyTheme()

const client = new QueryClient({
  defaultOptions: {
    queries: { staleTime: 10_000, retry: (count, error) => count < 2 && isPassing(error), refetchOnWindowFocus: true },
    mutations: { retry: false },
  },
  // A mutation that shows its own error says so in its meta; any other is told in passing, never swallowed.
  mutationCache: new MutationCache({
    onError: (error, _variables, _context, mutation) => {
      if (!mutation.meta?.shown) toast(error.message, { tone: 'bad' })
    },
  }),
})

const router = makeRouter(client)

onOccasion((occasion) => {
  if (occasion !== 'signed-out') return
  const { href, pathname } = router.state.location
  if (pathname === '/login') return
  client.clear()
  void router.navigate({ to: '/login', search: { back: href } })
})

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
      <Occasions />
      <Toasts />
    </QueryClientProvider>
  </StrictMode>,
)

fetchWhenIdle()
