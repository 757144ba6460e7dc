import type { Editor } from '../editor'
import type { Gesture } from '../events'
import type { Kit } from '../kits'
import type { ToolId } from '../tools'
import { CommentTool } from './comment'
import { PanTool } from './pan'
import { SelectTool } from './select/tool'
import { State, type Target } from './state'

/** The tools, one in charge. Panning can lay itself over any of them and give back what it found (W22). */
export class Root extends State {
  #beneath: State | null = null

  constructor(editor: Editor, kits: readonly Kit[], comments: boolean) {
    super(editor, 'root', null)
    const fetched = kits.flatMap(({ tools }) => Object.entries(tools)).map(([id, make]) => [id, make(editor, id, this)] as const)
    this.children = {
      ...Object.fromEntries(fetched),
      select: new SelectTool(editor, 'select', this),
      pan: new PanTool(editor, 'pan', this),
      ...(comments ? { comment: new CommentTool(editor, 'comment', this) } : {}),
    }
    this.go('select')
  }

  /** The tool in the hand, also while panning is laid over it. */
  get tool(): ToolId {
    return (this.#beneath ?? this.current)?.id as ToolId
  }

  has(tool: ToolId): boolean {
    return this.children[tool] !== undefined
  }

  override go(id: string, target: Target = {}): void {
    this.resume()
    super.go(id, target)
  }

  /** Lays panning over whatever is in charge, without that one noticing. */
  suspend(): void {
    if (this.mode === 'gesture' || this.current === this.children.pan) return
    this.#beneath = this.current
    this.current = this.children.pan ?? null
    this.current?.go('dragging')
  }

  get isSuspended(): boolean {
    return this.#beneath !== null
  }

  resume(): void {
    if (this.#beneath === null) return
    this.current = this.#beneath
    this.#beneath = null
  }

  protected override on(input: Gesture): void {
    if (input.type !== 'down') return
    if (input.button === 1 || this.editor.isSpaceHeld) this.suspend()
  }
}
