import { transcodePlan, type PlanSettings } from '../choose-plan.ts';
import type { IngestFacts, MediaFacts } from '../facts.ts';
import type { PlanChoice, SessionPlan, TranscodePlan } from '../ingest/session-plan.ts';
import type { CongestionStep } from './congestion.ts';

/** Something else is sent when the backlog has drained this far: its first keyframe would only wait behind it. */
export const DRAINED_LAG_MS = 700;

/**
 * How frames that are otherwise passed through are encoded within the session because of congestion; undefined if they
 * are not. The size stays that of the host, so decoders need no reset. `current`: the plan in force. Pure.
 */
export function reencodePlan(
  settings: PlanSettings,
  facts: { readonly media: MediaFacts; readonly ingest: IngestFacts; readonly plan: SessionPlan | undefined },
  step: CongestionStep,
  current: TranscodePlan | undefined,
): TranscodePlan | undefined {
  const { media, ingest, plan } = facts;
  if (step.kind !== 'transcode' || plan?.mode !== 'passthrough' || media.format?.codec !== 'h264')
    return undefined;
  const { width, height } = media.format;
  const same =
    current?.videoBitrateKbps === step.videoBitrateKbps &&
    Math.abs(current.width - width) < 2 &&
    Math.abs(current.height - height) < 2;
  if (same) return current;
  if (ingest.phase === 'publishing' && ingest.lagMs > DRAINED_LAG_MS) return current;
  return { ...transcodePlan(settings, media), videoBitrateKbps: step.videoBitrateKbps };
}

/** The plan of a session that is transcoded anyway: congestion lowers its bitrate. */
export function limitedPlan(choice: PlanChoice, step: CongestionStep): PlanChoice {
  const { plan } = choice;
  if (step.kind !== 'transcode' || plan?.mode !== 'transcode') return choice;
  const videoBitrateKbps = Math.min(plan.videoBitrateKbps, step.videoBitrateKbps);
  return { ...choice, plan: { ...plan, videoBitrateKbps } };
}
