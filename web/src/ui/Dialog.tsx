import { type FormEvent, type ReactNode, useState } from 'react'
import { Dialog as AriaDialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { Button, IconButton } from './Button'
import { cx } from './cx'
import css from './Overlay.module.css'

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

export function Dialog({ title, open, onClose, children, foot, onSubmit, wide, keep, role = 'dialog' }: DialogProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault()
    onSubmit?.()
  }
  const inside = (
    <>
      <div className={css.body}>{children}</div>
      {foot && <div className={css.foot}>{foot}</div>}
    </>
  )
  return (
    <ModalOverlay isOpen={open} isDismissable={!keep} onOpenChange={(is) => !is && onClose()} className={css.veil!}>
      <Modal className={cx(css.modal, wide && css.wide)}>
        <AriaDialog role={role} className={css.dialog!}>
          <div className={css.head}>
            <Heading slot="title" level={2}>{title}</Heading>
            <IconButton icon="x" label="Close" size="small" onPress={onClose} />
          </div>
          {onSubmit ? <form className={css.dialog} onSubmit={submit}>{inside}</form> : inside}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  )
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
