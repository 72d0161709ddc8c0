import type { AlertView } from '../../../../api/alerts.ts';
import type { MomentKind } from '../../../../api/values.ts';
import type { Moment as StoredMoment } from '../../../../server/contract/history.ts';
import type { Moment } from '../../live/live-data.ts';

/** Something that happened, as a line in every chart and an entry of a list. */
export interface Mark {
  readonly at: number;
  readonly kind: MomentKind | 'alert-raised' | 'alert-resolved';
  /** Kind of the alert; otherwise empty. */
  readonly name: string;
  readonly text: string;
}

/** More lines would hide the chart. The newest ones stay. */
const MOST_MARKS = 60;

/** What happened in the range, newest first. */
export function marksOf(
  alerts: readonly AlertView[],
  moments: readonly Moment[],
  { from, to }: { readonly from: number; readonly to: number },
): readonly Mark[] {
  const ofAlerts = alerts.flatMap(({ kind: name, raisedAt, resolvedAt, message: text }): Mark[] => [
    { at: Date.parse(raisedAt), kind: 'alert-raised', name, text },
    ...(resolvedAt === null
      ? []
      : [{ at: Date.parse(resolvedAt), kind: 'alert-resolved' as const, name, text }]),
  ]);
  return [...ofAlerts, ...moments.map((moment): Mark => ({ ...moment, name: '' }))]
    .filter(({ at }) => at >= from && at <= to)
    .toSorted((a, b) => b.at - a.at)
    .slice(0, MOST_MARKS);
}

/** An event and what is stored of it differ in their time: the page takes its own, or that of the decision. */
const SAME_WITHIN_MS = 120_000;

/** What is stored, and what happened since it was read. */
export function mergeMoments(
  stored: readonly StoredMoment[],
  live: readonly Moment[],
): readonly Moment[] {
  const known = stored.map(({ kind, at, text }): Moment => ({ kind, at: Date.parse(at), text }));
  const isKnown = ({ kind, at, text }: Moment): boolean =>
    known.some(
      (each) => each.kind === kind && each.text === text && Math.abs(each.at - at) <= SAME_WITHIN_MS,
    );
  return [...known, ...live.filter((moment) => !isKnown(moment))];
}
