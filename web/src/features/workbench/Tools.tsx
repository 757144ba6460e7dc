/** The tools beside the picture, and how it is looked at. */
import type { ReactNode } from 'react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { type Editor, isDrawingTool, toolRow, zoomToFit } from '../../canvas'
import { Button, Tip } from '../../ui/Button'
import css from './Bench.module.css'
import { Glyph, type GlyphName, ToolGlyph } from './Glyph'
import { keyLabel } from './keys'
import { AIDS, type Aid, LIGHT_MAX, LIGHT_MIN, PLAIN_LIGHT, setLight, toggleAid, useLook } from './look'
import { useEditor, useStateFor } from './useEditor'

interface ToolProps {
  glyph: GlyphName | ReactNode
  label: string
  shortcut?: string | undefined
  pressed?: boolean
  disabled?: boolean
  onPress: () => void
}

export function Tool({ glyph, label, shortcut, pressed, disabled = false, onPress }: ToolProps) {
  return (
    <Tip text={label} {...(shortcut === undefined ? {} : { shortcut })}>
      <AriaButton className={css.tool as string} aria-label={label} isDisabled={disabled} {...(pressed === undefined ? {} : { 'aria-pressed': pressed })} onPress={onPress}>
        {typeof glyph === 'string' ? <Glyph name={glyph as GlyphName} size={20} /> : glyph}
      </AriaButton>
    </Tip>
  )
}

interface ToolBarProps {
  editor: Editor
  /** Absent where there is nothing to copy from. */
  onCopyPrevious?: (() => void) | undefined
}

export function ToolBar({ editor, onCopyPrevious }: ToolBarProps) {
  const tool = useEditor(editor, (snapshot) => snapshot.tool)
  const canUndo = useEditor(editor, (snapshot) => snapshot.canUndo)
  const canRedo = useEditor(editor, (snapshot) => snapshot.canRedo)
  const isReadOnly = useEditor(editor, ({ session }) => session.readOnly)
  const key = (id: string) => {
    const [chord] = editor.keymap.keysOf(id)
    return chord === undefined ? undefined : keyLabel(chord)
  }
  const snapping = useEditor(editor, ({ session }) => session.snapping)
  const shown = editor.tools.filter((id) => !isReadOnly || !isDrawingTool(id))
  const hasOutlines = editor.tools.some((id) => id === 'polygon' || id === 'line')
  return (
    <div className={css.tools} role="toolbar" aria-label="Tools" aria-orientation="vertical">
      {shown.map((id) => (
        <Tool key={id} glyph={<ToolGlyph id={id} />} label={toolRow(id).label} shortcut={key(`tool.${id}`)} pressed={tool === id} onPress={() => editor.setTool(id)} />
      ))}
      {!isReadOnly && (
        <>
          {hasOutlines && <Tool glyph="magnet" label="Snap to neighbours" shortcut={key('snap')} pressed={snapping} onPress={() => editor.run('snap')} />}
          <span className={css.split} />
          <Tool glyph="undo" label="Undo" shortcut={key('undo')} disabled={!canUndo} onPress={() => editor.undo()} />
          <Tool glyph="redo" label="Redo" shortcut={key('redo')} disabled={!canRedo} onPress={() => editor.redo()} />
          {onCopyPrevious && (
            <>
              <span className={css.split} />
              <Tool glyph="previous" label="Copy from the previous task" shortcut={keyLabel('Mod+Shift+KeyV')} onPress={onCopyPrevious} />
            </>
          )}
        </>
      )}
    </div>
  )
}

const aidNames: Record<Aid, string> = { guides: 'Lines through the pointer', rulers: 'Rulers', map: 'Small map' }

export function ZoomBar({ editor }: { editor: Editor }) {
  const zoom = useEditor(editor, ({ session }) => session.camera.zoom)
  const { light, aids } = useLook()
  const [isOpen, setOpen] = useStateFor(editor, false)
  const isPlain = light.brightness === 100 && light.contrast === 100
  const key = (id: string) => keyLabel(editor.keymap.keysOf(id)[0] ?? '')
  return (
    <>
      {isOpen && (
        <fieldset className={css.light} aria-label="Light and aids">
          <Slider name="Brightness" value={light.brightness} onChange={(brightness) => setLight({ ...light, brightness })} />
          <Slider name="Contrast" value={light.contrast} onChange={(contrast) => setLight({ ...light, contrast })} />
          <Button size="small" isDisabled={isPlain} onPress={() => setLight(PLAIN_LIGHT)}>As it is</Button>
          {AIDS.map((aid) => (
            <label key={aid} className={css.aid}>
              <input type="checkbox" checked={aids.has(aid)} onChange={() => toggleAid(aid)} /> {aidNames[aid]}
            </label>
          ))}
        </fieldset>
      )}
      <div className={css.zoom} role="toolbar" aria-label="View">
        <Tool glyph="zoomOut" label="Zoom out" shortcut={key('zoom.out')} onPress={() => editor.run('zoom.out')} />
        <span className={css.zoomValue}>{Math.round(zoom * 100)} %</span>
        <Tool glyph="zoomIn" label="Zoom in" shortcut={key('zoom.in')} onPress={() => editor.run('zoom.in')} />
        <Tool glyph="fit" label="Whole picture" shortcut={key('zoom.fit')} onPress={() => editor.act(() => zoomToFit(editor))} />
        <Tool glyph="light" label="Light and aids" pressed={isOpen || !isPlain} onPress={() => setOpen(!isOpen)} />
      </div>
    </>
  )
}

function Slider({ name, value, onChange }: { name: string; value: number; onChange: (value: number) => void }) {
  return (
    <label>
      <span>{name}, {value} %</span>
      <input type="range" min={LIGHT_MIN} max={LIGHT_MAX} step={5} value={value} onChange={(event) => onChange(Number(event.target.value))} />
    </label>
  )
}
