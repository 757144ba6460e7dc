import type { Editor } from '../../../canvas'
import { renameTrack } from '../../../canvas/tracks'
import css from './Video.module.css'

/** The id of a track, to be read and to be put right: the same thing has the same id in every video. */
export function TrackField({ editor, id, readOnly }: { editor: Editor; id: string; readOnly: boolean }) {
  return (
    <label className={css.field}>
      Track id
      <input
        key={id}
        defaultValue={id}
        readOnly={readOnly}
        maxLength={64}
        spellCheck={false}
        onBlur={({ target }) => {
          const wanted = target.value.trim()
          if (wanted === '' || wanted === id) target.value = id
          else if (!editor.act(() => renameTrack(editor, id, wanted))) target.value = id
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </label>
  )
}
