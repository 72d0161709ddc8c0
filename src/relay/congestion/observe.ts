import { MAX_THROTTLED_SHARE } from '../health.ts';
import { OVERLOADED_DELAY_MS } from '../resources.ts';
import type { PlanSettings } from '../choose-plan.ts';
import type { Facts } from '../facts.ts';
import type { SessionPlan } from '../ingest/session-plan.ts';
import { AUDIO_KBPS } from './bitrate.ts';
import type { Congestion, CongestionInput } from './congestion.ts';

/** What the state of congestion is decided from, see CongestionInput. */
export interface CongestionFacts extends Pick<
  Facts,
  'room' | 'media' | 'ingest' | 'resources' | 'reencoder'
> {
  readonly acceptedBytes: number;
  readonly acceptedKbps: number;
  readonly inBitrateKbps: number;
  /** How the host's frames would be sent without congestion. */
  readonly plan: SessionPlan | undefined;
}

/** The facts that matter for congestion. Pure. */
export function congestionInput(
  {
    room,
    media,
    ingest,
    resources,
    reencoder,
    acceptedBytes,
    acceptedKbps,
    inBitrateKbps,
    plan,
  }: CongestionFacts,
  { mode, sizeChange }: Pick<PlanSettings, 'mode' | 'sizeChange'>,
  { stream }: Pick<Congestion, 'stream'>,
): CongestionInput {
  // A relay that is itself late also reads acknowledgements late.
  const overloaded = resources.lateMs > OVERLOADED_DELAY_MS;
  const { width = 0, height = 0 } = media.format ?? {};
  return {
    publishing: ingest.phase === 'publishing',
    lagMs: overloaded ? 0 : ingest.lagMs,
    gopsDropped: ingest.gopsDropped,
    acceptedBytes,
    acceptedKbps,
    offeredKbps: plan?.mode === 'transcode' ? plan.videoBitrateKbps + AUDIO_KBPS : inBitrateKbps,
    hostUid: room.host?.uid,
    pixels: width * height,
    smallStreamUsable:
      // An encoder fills its bitrate whatever it is given.
      plan?.mode !== 'transcode' &&
      (mode === 'passthrough' || sizeChange !== 'transcode') &&
      (room.videoStream === 'high' || stream !== undefined),
    videoStream: room.videoStream,
    hindrance: whyNoTranscode(mode, resources.throttled, overloaded, plan),
    encoderFailures: reencoder.failures,
  };
}

function whyNoTranscode(
  mode: PlanSettings['mode'],
  throttled: number | undefined,
  overloaded: boolean,
  plan: SessionPlan | undefined,
): CongestionInput['hindrance'] {
  if (mode === 'passthrough') return 'mode';
  // What is transcoded anyway costs no more at a lower bitrate.
  if (plan?.mode === 'transcode') return undefined;
  return overloaded || (throttled ?? 0) > MAX_THROTTLED_SHARE ? 'cpu' : undefined;
}
