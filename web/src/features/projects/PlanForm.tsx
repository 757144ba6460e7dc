import type { Plan } from '../../api/types'
import { Radios, Switch } from '../../ui/Choice'
import { Field } from '../../ui/Field'
import { layout } from '../../ui/Page'
import { Select } from '../../ui/Select'
import css from './Plan.module.css'

export const usualPlan: Plan = { overlap: 1, review: 'all', agreement_min: 0.7, lease_minutes: 15, pay: null }

const currencies = ['EUR', 'USD', 'GBP', 'CHF', 'SEK', 'NOK', 'DKK', 'PLN', 'CZK', 'CAD', 'AUD', 'NZD', 'JPY', 'INR', 'KES', 'NGN', 'ZAR', 'BRL', 'MXN', 'PHP']

const digitsOf = (currency: string): number => new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/** A whole number within limits, or what it was. */
const whole = (text: string, least: number, most: number, was: number): number => {
  const value = Number.parseInt(text, 10)
  return Number.isFinite(value) ? Math.max(least, Math.min(most, value)) : was
}

/** How many answers, who looks at them, how long a task may be held, and what an answer pays. */
export function PlanForm({ plan, onChange, cuboids }: { plan: Plan; onChange: (plan: Plan) => void; cuboids: boolean }) {
  const adaptive = plan.quality?.kind === 'adaptive' ? plan.quality : null
  const set = (change: Partial<Plan>) => onChange({ ...plan, ...change })
  const digits = plan.pay ? digitsOf(plan.pay.currency) : 2
  return (
    <div className={css.form}>
      <Radios
        label="Review"
        value={plan.review}
        onChange={(review) => set({ review })}
        options={[
          { value: 'all', label: 'Review every answer', help: 'A reviewer accepts it, fixes it, or sends it back with a reason.' },
          { value: 'none', label: 'No review', help: 'Answers that agree become the label at once.' },
        ]}
      />
      <Radios
        label="How many answers"
        value={adaptive ? 'adaptive' : 'fixed'}
        onChange={(kind) => set({ quality: kind === 'fixed' ? { kind } : { kind, target: 0.9, min: 2, max: 7, audit_share: 0.05 }, overlap: kind === 'adaptive' ? Math.max(plan.overlap, 5) : plan.overlap })}
        options={[
          { value: 'fixed', label: 'The same number for every task', help: 'Simple, and more than easy tasks need.' },
          { value: 'adaptive', label: 'As many as each task needs', help: 'After each answer it is decided whether one more is worth it, by how far people can be relied on.' },
        ]}
      />
      {adaptive && (
        <>
          <label className={css.range}>
            <span>How sure a label has to be <output>{Math.round(adaptive.target * 100)}%</output></span>
            <input type="range" min={50} max={99} step={1} value={Math.round(adaptive.target * 100)} onChange={(event) => set({ quality: { ...adaptive, target: Number(event.target.value) / 100 } })} />
            <small>Calibrated once thirty gold tasks have been answered; until then by what the model claims.</small>
          </label>
          <div className={css.pay}>
            <Field label="Fewest answers" type="number" min={1} max={20} step={1} value={String(adaptive.min)} onChange={(text) => { const min = whole(text, 1, 20, adaptive.min); set({ quality: { ...adaptive, min, max: Math.max(min, adaptive.max) } }) }} />
            <Field label="Most answers" type="number" min={1} max={20} step={1} value={String(adaptive.max)} onChange={(text) => { const max = whole(text, 1, 20, adaptive.max); set({ quality: { ...adaptive, max, min: Math.min(max, adaptive.min) } }) }} />
          </div>
          <Field label="Audited tasks" type="number" min={0} max={100} step={1} suffix="%" value={String(Math.round((adaptive.audit_share ?? 0.05) * 100))} onChange={(text) => set({ quality: { ...adaptive, audit_share: whole(text, 0, 100, 5) / 100 } })} help="Drawn at random, these take the fixed number below whatever is believed: they keep the figures honest." />
        </>
      )}
      <Field
        label={adaptive ? 'Answers of an audited task' : 'Answers per task'} type="number" min={1} max={20} step={1} value={String(plan.overlap)}
        onChange={(text) => set({ overlap: whole(text, 1, 20, plan.overlap) })}
        help={plan.overlap === 1 ? 'One person labels each item.' : `${plan.overlap} different people label each item, without seeing each other’s answers.`}
      />
      {plan.overlap > 1 && (
        <label className={css.range}>
          <span>Least agreement <output>{Math.round(plan.agreement_min * 100)}%</output></span>
          <input type="range" min={0} max={100} step={5} value={Math.round(plan.agreement_min * 100)} onChange={(event) => set({ agreement_min: Number(event.target.value) / 100 })} />
          <small>Answers that agree less go to adjudication: somebody decides between them.</small>
        </label>
      )}
      {cuboids && (
        <Radios
          label="Two cuboids are the same thing"
          value={plan.cuboids ?? 'room'}
          onChange={(by) => set({ cuboids: by })}
          options={[
            { value: 'room', label: 'Where they share half of their room', help: 'In all three directions; heights count.' },
            { value: 'ground', label: 'Where they share half of their ground', help: 'As seen from above; heights do not count.' },
          ]}
        />
      )}
      <Field
        label="Time to finish a task" type="number" min={1} max={240} step={1} suffix="minutes" value={String(plan.lease_minutes)}
        onChange={(text) => set({ lease_minutes: whole(text, 1, 240, plan.lease_minutes) })}
        help="Counts from the last sign of life. After that the task goes to somebody else; a late answer still counts if nobody has begun."
      />
      <div className={layout.stack}>
        <Switch
          label="Pay for each answer" help="Silence pays: an accepted answer, or one that nobody has looked at in time."
          checked={plan.pay !== null} onChange={(on) => set({ pay: on ? { amount_minor: 10, currency: 'EUR' } : null })}
        />
        {plan.pay && (
          <div className={css.pay}>
            <Field
              label="Amount" type="number" min={0} step={1 / 10 ** digits} inputMode="decimal" key={plan.pay.currency}
              value={String(plan.pay.amount_minor / 10 ** digits)}
              onChange={(text) => plan.pay && Number.isFinite(Number(text)) && set({ pay: { ...plan.pay, amount_minor: Math.max(0, Math.round(Number(text) * 10 ** digits)) } })}
            />
            <Select
              label="Currency" value={plan.pay.currency} onChange={(currency) => plan.pay && set({ pay: { ...plan.pay, currency } })}
              options={(currencies.includes(plan.pay.currency) ? currencies : [plan.pay.currency, ...currencies]).map((currency) => ({ value: currency, label: currency }))}
            />
          </div>
        )}
      </div>
    </div>
  )
}
