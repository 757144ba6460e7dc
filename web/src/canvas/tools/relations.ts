import type { Kit } from '../kits'
import { stepClass } from '../only'
import { group, join, nextRelation, selectGroup, ungroup } from '../relations'

/** What can be said of how objects, or passages of a text, stand to each other. */
export const kit: Kit = {
  tools: {},
  commands: [
    { id: 'relation.join', label: 'Join to another', keys: ['KeyJ', 'Alt+KeyJ'], when: ['select'], run: join },
    { id: 'relation.next', label: 'Next kind of relation', keys: ['Shift+KeyJ'], when: ['select'], run: nextRelation },
    { id: 'only.next', label: 'One class at a time: next class', keys: ['Alt+KeyN'], when: ['select', 'ready'], run: (e) => stepClass(e, 1) },
    { id: 'only.previous', label: 'One class at a time: previous class', keys: ['Alt+Shift+KeyN'], when: ['select', 'ready'], run: (e) => stepClass(e, -1) },
    { id: 'group', label: 'Group', keys: ['Mod+KeyG'], when: ['select'], run: group },
    { id: 'group.none', label: 'Out of the group', keys: ['Mod+Shift+KeyG'], when: ['select'], run: ungroup },
    { id: 'group.select', label: 'Select the group', keys: ['Alt+KeyA'], when: ['select'], run: selectGroup },
  ],
}
