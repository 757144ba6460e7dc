import { Button } from 'react-aria-components/Button'
import { Label } from 'react-aria-components/Label'
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox'
import { Popover } from 'react-aria-components/Popover'
import { Select as AriaSelect, SelectValue } from 'react-aria-components/Select'
import { cx } from './cx'
import { Icon } from './Icon'
import css from './Overlay.module.css'
import type { SelectProps } from './Select'

export function SelectBody<V extends string>({ label, hideLabel, value, options, onChange, placeholder, disabled, className }: SelectProps<V>) {
  return (
    <AriaSelect
      className={cx(css.select, className)}
      value={value}
      onChange={(key) => key !== null && onChange(key as V)}
      isDisabled={disabled ?? false}
      placeholder={placeholder ?? 'Choose…'}
    >
      <Label className={cx(css.selectLabel, hideLabel && 'sr')}>{label}</Label>
      <Button className={css.trigger!}>
        <SelectValue className={css.value!} />
        <Icon name="down" size={16} />
      </Button>
      <Popover className={css.popover!} offset={4}>
        <ListBox className={css.menu!}>
          {options.map((option) => (
            <ListBoxItem key={option.value} id={option.value} textValue={option.label} isDisabled={option.disabled ?? false} className={css.item!}>
              {option.mark}
              <span>{option.label}{option.help && <small>{option.help}</small>}</span>
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  )
}
