import { type Children, State } from '../state'
import { Brushing } from './brushing'
import { Idle } from './idle'
import { Pointing } from './pointing'
import { Reshaping } from './reshaping'
import { Translating } from './translating'

/** Picks, moves and reshapes what is there. */
export class SelectTool extends State {
  protected override children: Children = {
    idle: new Idle(this.editor, 'idle', this),
    pointing: new Pointing(this.editor, 'pointing', this),
    brushing: new Brushing(this.editor, 'brushing', this),
    translating: new Translating(this.editor, 'translating', this),
    reshaping: new Reshaping(this.editor, 'reshaping', this),
  }
  protected override enter(): void {
    this.go('idle')
  }
  protected override exit(): void {
    this.editor.updateSession({ hovered: null, marquee: null })
  }
}
