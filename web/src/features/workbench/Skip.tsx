import { useState } from 'react'
import { Button } from '../../ui/Button'
import { Radios } from '../../ui/Choice'
import { Dialog } from '../../ui/Dialog'
import { TextArea } from '../../ui/Field'
import type { SkipReason } from '../queue/model'

const reasons: readonly { value: SkipReason; label: string; help: string }[] = [
  { value: 'unclear', label: 'The instructions do not cover it', help: 'Two readings are possible' },
  { value: 'broken', label: 'It cannot be seen or read', help: 'The picture or text is damaged or missing' },
  { value: 'too_hard', label: 'I cannot do this one', help: 'Somebody with other knowledge should' },
  { value: 'not_allowed', label: 'It should not be here', help: 'Private, illegal or disturbing' },
  { value: 'other', label: 'Something else', help: 'Please say what' },
]

/** Skipping costs nothing; the reason helps those who wrote the instructions. */
export function SkipDialog({ open, onClose, onSkip }: { open: boolean; onClose: () => void; onSkip: (reason: SkipReason, text: string) => void }) {
  const [reason, setReason] = useState<SkipReason>('unclear')
  const [text, setText] = useState('')
  return (
    <Dialog
      title="Skip this task"
      open={open}
      onClose={onClose}
      onSubmit={() => onSkip(reason, text.trim())}
      foot={<><Button onPress={onClose}>Cancel</Button><Button look="primary" type="submit">Skip</Button></>}
    >
      <p>You will not get this task again. Skipping does not count against you.</p>
      <Radios label="Why?" value={reason} options={reasons} onChange={setReason} />
      <TextArea label="What should those know who wrote the instructions?" optional={reason !== 'other'} required={reason === 'other'} rows={2} maxLength={2000} value={text} onChange={setText} />
    </Dialog>
  )
}
