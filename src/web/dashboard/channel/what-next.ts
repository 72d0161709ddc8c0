import type { ChannelView } from '../../../api/channel-view.ts';
import { isReason, reasons } from '../../../api/reasons.ts';

type Condition = ChannelView['conditions'][number];

/** The condition that explains the state of the channel best: Ready, which repeats the reason of what hinders it. */
export function readyOf({ conditions }: ChannelView): Condition | undefined {
  return conditions.find(({ type }) => type === 'Ready');
}

/** What to do about a reason; undefined: nothing, or a newer service has a reason that this page does not know. */
export function whatToDo(reason: string): string | undefined {
  return isReason(reason) ? reasons[reason].whatToDo : undefined;
}

/** What a reason says, in one sentence; undefined: this page does not know it. */
export function meaningOf(reason: string): string | undefined {
  return isReason(reason) ? reasons[reason].meaning : undefined;
}

export function isWarning(reason: string): boolean {
  return isReason(reason) && reasons[reason].severity === 'warning';
}
