import { useEffect, useState } from 'react'
import { isOnline, onOccasion } from '../../api/client'
import { Button } from '../../ui/Button'
import { Icon } from '../../ui/Icon'
import css from './Occasions.module.css'

/** What concerns the whole page: the connection, and a session that another tab moved to another organization. */
export function Occasions() {
  const [online, setOnline] = useState(isOnline())
  const [moved, setMoved] = useState(false)

  useEffect(() => onOccasion((occasion) => {
    if (occasion === 'online' || occasion === 'offline') setOnline(occasion === 'online')
    if (occasion === 'moved') setMoved(true)
  }), [])

  if (moved) {
    return (
      <div className={css.bar} role="alert">
        <Icon name="building" /> In another tab you switched to another organization. This page still shows the former one.
        <Button size="small" onPress={() => window.location.assign('/')}>Go on in the other one</Button>
      </div>
    )
  }
  if (online) return null
  return (
    <div className={css.bar} role="status">
      <Icon name="offline" /> No connection to the server. Nothing is lost; we go on as soon as it is back.
    </div>
  )
}
