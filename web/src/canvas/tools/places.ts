import type { Kit } from '../kits'
import { PlacingTool, type Plan } from './placing'
import { boxPlan, ellipsePlan, extremePlan, keypointsPlan, pointPlan, solidPlan, turnedPlan } from './plans'
import type { MakeState } from './state'

const placing = (plan: Plan): MakeState => (editor, id, parent) => new PlacingTool(editor, id, parent, plan)

/** What is made of a few places. */
export const kit: Kit = {
  tools: {
    box: placing(boxPlan),
    extreme: placing(extremePlan),
    turned: placing(turnedPlan),
    point: placing(pointPlan),
    ellipse: placing(ellipsePlan),
    keypoints: placing(keypointsPlan),
    solid: placing(solidPlan),
  },
  commands: [],
}
