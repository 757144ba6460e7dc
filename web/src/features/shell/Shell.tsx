import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { Session } from '../../api/types'
import { Icon, type IconName, Mark } from '../../ui/Icon'
import { useLeftovers } from '../queue/useLeftovers'
import { canLabel, canManage, canRead, useSession } from '../session'
import { Account } from './Account'
import css from './Shell.module.css'

interface Place { to: string; label: string; icon: IconName; exact?: boolean }

/** Where this person may go: what a role may not do is not shown to it. */
function places(session: Session): { main: Place[]; admin: Place[] } {
  const main: Place[] = [{ to: '/', label: 'Home', icon: 'home', exact: true }]
  const admin: Place[] = []
  if (session.role) {
    if (canRead(session)) main.push({ to: '/projects', label: 'Projects', icon: 'projects' })
    if (canLabel(session)) main.push({ to: '/work', label: 'My work', icon: 'wallet', exact: true })
    if (canRead(session)) main.push({ to: '/jobs', label: 'Jobs', icon: 'jobs' })
    if (canManage(session)) admin.push({ to: '/members', label: 'Members', icon: 'people' })
    if (session.role === 'owner') admin.push({ to: '/keys', label: 'API keys', icon: 'key' })
  }
  if (session.person.operator) admin.push({ to: '/organizations', label: 'Organizations', icon: 'building' })
  admin.push({ to: '/settings', label: 'Settings', icon: 'settings' })
  return { main, admin }
}

const PlaceLink = ({ place, onGo }: { place: Place; onGo: () => void }) => (
  <Link to={place.to} className={css.link} activeOptions={{ exact: place.exact ?? false }} onClick={onGo}>
    <Icon name={place.icon} /> {place.label}
  </Link>
)

export function Shell() {
  const session = useSession()
  useLeftovers(session)
  const { main, admin } = places(session)
  const [open, setOpen] = useState(false)
  const { pathname } = useLocation()
  const content = useRef<HTMLElement>(null)
  const side = useRef<HTMLElement>(null)
  const before = useRef(pathname)

  // A new page: close the drawer and begin reading at its top.
  useEffect(() => {
    setOpen(false)
    // Whoever is at the tabs of a project stays there; whoever came by the navigation begins at the top.
    const stays = document.activeElement !== document.body && content.current?.contains(document.activeElement)
    if (before.current !== pathname && !stays) content.current?.focus({ preventScroll: true })
    before.current = pathname
  }, [pathname])
  useEffect(() => {
    if (open) side.current?.querySelector<HTMLElement>('a')?.focus()
  }, [open])
  const onKey = (event: KeyboardEvent) => event.key === 'Escape' && setOpen(false)
  const close = () => setOpen(false)

  return (
    <div className={css.shell}>
      <a href="#content" className={css.skip}>Skip to the content</a>
      {open && <div className={css.shade} onClick={close} aria-hidden="true" />}
      <aside ref={side} className={css.side} data-open={open ? '' : undefined} onKeyDown={onKey} aria-label="Fairmark">
        <Link to="/" className={css.brand} onClick={close}>
          <Mark />
          <span>Fairmark{session.organization && <small dir="auto">{session.organization.name}</small>}</span>
        </Link>
        <nav aria-label="Main" className={css.links}>
          {main.map((place) => <PlaceLink key={place.to} place={place} onGo={close} />)}
        </nav>
        <div className={css.group}>{admin.length > 1 ? 'Organization' : 'Account'}</div>
        <nav aria-label={admin.length > 1 ? 'Organization' : 'Account'} className={css.links}>
          {admin.map((place) => <PlaceLink key={place.to} place={place} onGo={close} />)}
        </nav>
        <div className={css.space} />
        <Account session={session} />
      </aside>
      <main id="content" ref={content} className={css.main} tabIndex={-1}><Outlet /></main>
      <nav aria-label="Main" className={css.bottom}>
        {main.slice(0, 3).map((place) => (
          <Link key={place.to} to={place.to} activeOptions={{ exact: place.exact ?? false }}><Icon name={place.icon} size={22} />{place.label}</Link>
        ))}
        <button type="button" aria-expanded={open} onClick={() => setOpen(true)}><Icon name="menu" size={22} />More</button>
      </nav>
    </div>
  )
}
