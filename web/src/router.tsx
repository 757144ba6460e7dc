import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import type { QueryClient } from '@tanstack/react-query'
import { isApiError } from './api/errors'
import { setOrganization } from './api/client'
import * as q from './api/queries'
import { NotFound, RootError, RootNotFound, RouteError, RouteLoading } from './features/shell/Fallbacks'

/** Every address of the application. Pages are loaded when they are first gone to. */
interface Context { client: QueryClient }

const root = createRootRouteWithContext<Context>()({
  component: Outlet,
  notFoundComponent: RootNotFound,
  errorComponent: RootError,
})

// Before anybody has signed in.
const setup = createRoute({ getParentRoute: () => root, path: '/setup', component: lazyRouteComponent(() => import('./features/entry/ClaimPage'), 'ClaimPage') })
const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { back?: string } => (typeof search.back === 'string' && /^\/(?![/\\])/.test(search.back) ? { back: search.back } : {}),
  component: lazyRouteComponent(() => import('./features/entry/LoginPage'), 'LoginPage'),
})
const signUp = createRoute({ getParentRoute: () => root, path: '/sign-up', component: lazyRouteComponent(() => import('./features/entry/SignUpPage'), 'SignUpPage') })
const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('./features/entry/InvitationPage'), 'InvitationPage'),
})

/** Behind this, somebody is signed in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ context: { client }, location }) => {
    try {
      const session = await client.ensureQueryData(q.session)
      setOrganization(session.organization?.id ?? null)
      return { session }
    } catch (error) {
      if (!isApiError(error) || error.status !== 401) throw error
      const { claimed } = await client.fetchQuery(q.setup)
      if (!claimed) throw redirect({ to: '/setup' })
      throw redirect({ to: '/login', search: location.href === '/' ? {} : { back: location.href } })
    }
  },
})

/** The work screen has the whole window. */
const work = createRoute({
  getParentRoute: () => inside,
  path: '/projects/$project/work/$stage',
  component: lazyRouteComponent(() => import('./features/queue/WorkPage'), 'WorkPage'),
})

const gold = createRoute({
  getParentRoute: () => inside,
  path: '/projects/$project/gold/$task',
  component: lazyRouteComponent(() => import('./features/queue/GoldPage'), 'GoldPage'),
})

/** Pages with the navigation beside them. */
const shell = createRoute({ getParentRoute: () => inside, id: 'shell', component: lazyRouteComponent(() => import('./features/shell/Shell'), 'Shell') })

const home = createRoute({ getParentRoute: () => shell, path: '/', component: lazyRouteComponent(() => import('./features/home/HomePage'), 'HomePage') })
const ownWork = createRoute({ getParentRoute: () => shell, path: '/work', component: lazyRouteComponent(() => import('./features/home/WorkPage'), 'OwnWorkPage') })
const choose = createRoute({ getParentRoute: () => shell, path: '/organizations/choose', component: lazyRouteComponent(() => import('./features/people/ChoosePage'), 'ChoosePage') })
const organizations = createRoute({ getParentRoute: () => shell, path: '/organizations', component: lazyRouteComponent(() => import('./features/people/OrganizationsPage'), 'OrganizationsPage') })
const members = createRoute({ getParentRoute: () => shell, path: '/members', component: lazyRouteComponent(() => import('./features/people/MembersPage'), 'MembersPage') })
const keys = createRoute({ getParentRoute: () => shell, path: '/keys', component: lazyRouteComponent(() => import('./features/settings/KeysPage'), 'KeysPage') })
const settings = createRoute({ getParentRoute: () => shell, path: '/settings', component: lazyRouteComponent(() => import('./features/settings/SettingsPage'), 'SettingsPage') })
const jobs = createRoute({ getParentRoute: () => shell, path: '/jobs', component: lazyRouteComponent(() => import('./features/data/JobsPage'), 'JobsPage') })

const projects = createRoute({ getParentRoute: () => shell, path: '/projects', component: lazyRouteComponent(() => import('./features/projects/ProjectsPage'), 'ProjectsPage') })
const newProject = createRoute({ getParentRoute: () => shell, path: '/projects/new', component: lazyRouteComponent(() => import('./features/projects/WizardPage'), 'WizardPage') })

const project = createRoute({
  getParentRoute: () => shell,
  path: '/projects/$project',
  loader: ({ context: { client }, params }) => client.ensureQueryData(q.project(params.project)),
  component: lazyRouteComponent(() => import('./features/projects/ProjectFrame'), 'ProjectFrame'),
})
const overview = createRoute({ getParentRoute: () => project, path: '/', component: lazyRouteComponent(() => import('./features/projects/OverviewPage'), 'OverviewPage') })
const data = createRoute({ getParentRoute: () => project, path: '/data', component: lazyRouteComponent(() => import('./features/data/DataPage'), 'DataPage') })
const ontology = createRoute({ getParentRoute: () => project, path: '/ontology', component: lazyRouteComponent(() => import('./features/ontology/OntologyPage'), 'OntologyPage') })
const instructions = createRoute({ getParentRoute: () => project, path: '/instructions', component: lazyRouteComponent(() => import('./features/instructions/InstructionsPage'), 'InstructionsPage') })
const tasks = createRoute({
  getParentRoute: () => project,
  path: '/tasks',
  validateSearch: (search: Record<string, unknown>): { state?: string; q?: string; person?: string } => ({
    ...(typeof search.state === 'string' && search.state ? { state: search.state } : {}),
    ...(typeof search.q === 'string' && search.q ? { q: search.q } : {}),
    ...(typeof search.person === 'string' && search.person ? { person: search.person } : {}),
  }),
  component: lazyRouteComponent(() => import('./features/tasks/TasksPage'), 'TasksPage'),
})
const task = createRoute({ getParentRoute: () => project, path: '/tasks/$task', component: lazyRouteComponent(() => import('./features/tasks/TaskPage'), 'TaskPage') })
const quality = createRoute({ getParentRoute: () => project, path: '/quality', component: lazyRouteComponent(() => import('./features/quality/QualityPage'), 'QualityPage') })
const person = createRoute({ getParentRoute: () => project, path: '/people/$person', component: lazyRouteComponent(() => import('./features/quality/PersonPage'), 'PersonPage') })
const releases = createRoute({ getParentRoute: () => project, path: '/releases', component: lazyRouteComponent(() => import('./features/releases/ReleasesPage'), 'ReleasesPage') })
const models = createRoute({ getParentRoute: () => project, path: '/models', component: lazyRouteComponent(() => import('./features/models/ModelsPage'), 'ModelsPage') })
const plan = createRoute({ getParentRoute: () => project, path: '/settings', component: lazyRouteComponent(() => import('./features/projects/PlanPage'), 'PlanPage') })

const tree = root.addChildren([
  setup, login, signUp, invitation,
  inside.addChildren([
    work, gold,
    shell.addChildren([
      home, ownWork, choose, organizations, members, keys, settings, jobs, projects, newProject,
      project.addChildren([overview, data, ontology, instructions, tasks, task, quality, person, models, releases, plan]),
    ]),
  ]),
])

export const makeRouter = (client: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { client },
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingComponent: RouteLoading,
    defaultPendingMs: 300,
    defaultErrorComponent: RouteError,
    defaultNotFoundComponent: NotFound,
    scrollRestoration: true,
  })

declare module '@tanstack/react-router' {
  interface Register { router: ReturnType<typeof makeRouter> }
}
