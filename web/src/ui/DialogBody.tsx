import type { FormEvent } from 'react'
import { Dialog as AriaDialog } from 'react-aria-components/Dialog'
import { Heading } from 'react-aria-components/Heading'
import { Modal, ModalOverlay } from 'react-aria-components/Modal'
import { IconButton } from './Button'
import { cx } from './cx'
import type { DialogProps } from './Dialog'
import css from './Overlay.module.css'

export function DialogBody({ title, open, onClose, children, foot, onSubmit, wide, keep, role = 'dialog' }: DialogProps) {
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
