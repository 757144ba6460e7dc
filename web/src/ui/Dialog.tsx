import { type ReactNode, useState } from 'react'
import { Button } from './Button'
import { Late, useLate } from './late'

export interface DialogProps {
  title: string
  open: boolean
  onClose: () => void
  children: ReactNode
  /** The buttons, the main one last. With `onSubmit` they live in the form. */
  foot?: ReactNode
  onSubmit?: () => void
  wide?: boolean
  /** Closes only by its own buttons: there is something to lose. */
  keep?: boolean
  role?: 'dialog' | 'alertdialog'
}

export const dialogBody = new Late(() => import('./DialogBody'))

export function Dialog(props: DialogProps) {
  const body = useLate(dialogBody, props.open)
  return body && props.open ? <body.DialogBody {...props} /> : null
}

/** For what cannot be undone: it names the act on its button, never "OK". */
export function Confirm({ title, open, onClose, onConfirm, act, danger = true, children }: {
  title: string
  open: boolean
  onClose: () => void
  onConfirm: () => unknown
  act: string
  danger?: boolean
  children: ReactNode
}) {
  const [busy, setBusy] = useState(false)
  const confirm = async () => {
    setBusy(true)
    try {
      await onConfirm()
      onClose()
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog
      title={title} open={open} onClose={onClose} role="alertdialog"
      foot={
        <>
          <Button onPress={onClose} autoFocus>Cancel</Button>
          <Button look={danger ? 'danger' : 'primary'} busy={busy} onPress={() => void confirm().catch(() => {})}>{act}</Button>
        </>
      }
    >
      {children}
    </Dialog>
  )
}
