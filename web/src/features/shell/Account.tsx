import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, useSyncExternalStore } from 'react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { del, setOrganization } from '../../api/client'
import { moveTo } from '../../api/session'
import type { Session } from '../../api/types'
import { Confirm } from '../../ui/Dialog'
import { Icon } from '../../ui/Icon'
import { Menu, MenuGroup, MenuItem, MenuRule } from '../../ui/Menu'
import { type Theme, themeStore } from '../../ui/theme'
import { toast } from '../../ui/toast'
import { roleNames } from '../session'
import css from './Shell.module.css'

export const initials = (name: string): string =>
  name.split(/\s+/).filter(Boolean).slice(0, 2).map((part) => [...part][0]?.toUpperCase() ?? '').join('')

const themes: { value: Theme; label: string; icon: 'screen' | 'sun' | 'moon' }[] = [
  { value: 'system', label: 'As the system', icon: 'screen' },
  { value: 'light', label: 'Light', icon: 'sun' },
  { value: 'dark', label: 'Dark', icon: 'moon' },
]

/** Who is signed in; behind it the organizations, the theme and the way out. */
export function Account({ session }: { session: Session }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const theme = useSyncExternalStore(themeStore.subscribe, themeStore.get)

  const move = async (organization: string) => {
    const next = await moveTo(client, organization)
    toast(`You are in ${next.organization?.name ?? 'another organization'} now.`)
    await navigate({ to: '/' })
  }
  const [unsent, setUnsent] = useState(0)
  const askToSignOut = async () => {
    const place = await import('../queue/place')
    const count = await place.unsent(session.person.id).catch(() => 0)
    if (count === 0) await signOut()
    else setUnsent(count)
  }
  const signOut = async () => {
    await del('/api/session')
    // Nothing of one person's work stays on a device that the next may use.
    const { leaveHome } = await import('../queue/home')
    await leaveHome(session.person.id).catch(() => undefined)
    setOrganization(null)
    client.clear()
    await navigate({ to: '/login' })
  }
  const failed = (error: Error) => void toast(error.message, { tone: 'bad' })

  return (
    <>
    <Confirm title="Not everything has been sent" act="Sign out and lose it" open={unsent > 0} onClose={() => setUnsent(0)} onConfirm={signOut}>
      <p>{unsent === 1 ? 'One answer has' : `${unsent} answers have`} not reached the server yet. Signing out wipes what this device keeps of you, and {unsent === 1 ? 'it' : 'they'} would be lost. Stay until the connection is back.</p>
    </Confirm>
    <Menu
      label="Account"
      placement="top start"
      trigger={
        <AriaButton className={css.account!}>
          <span className={css.avatar} aria-hidden="true">{initials(session.person.name)}</span>
          <span className={css.who}>
            <span dir="auto">{session.person.name}</span>
            <small>{session.role ? roleNames[session.role] : session.person.operator ? 'Operator' : session.person.email}</small>
          </span>
          <Icon name="more" size={16} />
        </AriaButton>
      }
    >
      {session.organizations.length > 1 && (
        <MenuGroup title="Organization">
          {session.organizations.map((each) => (
            <MenuItem key={each.id} icon="building" selected={each.id === session.organization?.id} text={each.name} onAction={() => void move(each.id).catch(failed)}>{each.name}</MenuItem>
          ))}
        </MenuGroup>
      )}
      {session.organizations.length > 1 && <MenuRule />}
      <MenuGroup title="Theme">
        {themes.map((each) => (
          <MenuItem key={each.value} icon={each.icon} selected={each.value === theme} text={each.label} onAction={() => themeStore.set(each.value)}>{each.label}</MenuItem>
        ))}
      </MenuGroup>
      <MenuRule />
      <MenuItem icon="settings" onAction={() => void navigate({ to: '/settings' })}>Settings</MenuItem>
      <MenuItem icon="exit" onAction={() => void askToSignOut().catch(failed)}>Sign out</MenuItem>
    </Menu>
    </>
  )
}
