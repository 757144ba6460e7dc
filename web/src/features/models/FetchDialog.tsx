import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client'
import { problemOf } from '../../api/errors'
import type { Backend, FetchRequest, Job, Project } from '../../api/types'
import { Button } from '../../ui/Button'
import { Checkbox, RadioCards } from '../../ui/Choice'
import { Dialog } from '../../ui/Dialog'
import { ErrorNote } from '../../ui/ErrorState'
import { Field } from '../../ui/Field'
import { toast } from '../../ui/toast'

/** Asks a model about every task that waits: a job, which may be canceled and goes on after a restart. */
export function FetchDialog({ project, backend, onClose }: { project: Project; backend: Backend; onClose: () => void }) {
  const client = useQueryClient()
  const isAdaptive = project.plan.quality?.kind === 'adaptive'
  const [as, setAs] = useState<FetchRequest['as']>('suggestions')
  const [batch, setBatch] = useState('8')
  const [again, setAgain] = useState(false)
  const start = useMutation({
    meta: { shown: true },
    mutationFn: () => post<Job>(`/api/backends/${backend.id}/fetch`, { as, batch: Number(batch) || 1, again } satisfies FetchRequest),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ['jobs'] })
      toast(`${backend.name} is being asked.`, { tone: 'good' })
      onClose()
    },
  })
  return (
    <Dialog
      title={`Ask ${backend.name} about the tasks`} open onClose={onClose} onSubmit={() => start.mutate()}
      foot={<><Button onPress={onClose}>Cancel</Button><Button type="submit" look="primary" busy={start.isPending}>Ask</Button></>}
    >
      <p>It is asked about every task that nobody has begun. What people have begun, and suggestions that came with the data, stay as they are.</p>
      {isAdaptive && (
        <RadioCards<FetchRequest['as']>
          label="What its answers become" value={as} onChange={setAs}
          options={[
            { value: 'suggestions', label: 'Suggestions', help: 'Shown to whoever labels, who takes, changes or turns down each.' },
            { value: 'opinions', label: 'Opinions of its own', help: 'Shown to nobody; weighed beside people’s answers by how often it is right.' },
          ]}
        />
      )}
      {backend.kind === 'label_studio' && <Field label="Tasks in one call" type="number" inputMode="numeric" min={1} max={100} value={batch} onChange={setBatch} help="1 to 100. A call may take 100 seconds." problem={problemOf(start.error, 'batch')} />}
      {as === 'suggestions' && <Checkbox label="Ask again where it has suggested before" checked={again} onChange={setAgain} />}
      <ErrorNote error={start.error} />
    </Dialog>
  )
}
