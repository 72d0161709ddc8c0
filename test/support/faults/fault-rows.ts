import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../wait/eventually.ts';
import type { FaultStage } from './fault-stage.ts';
import type { Inflicted } from './fault-verdict.ts';
import type { Toxic } from './toxic-path.ts';

/** A fault that a relay outlives, and what viewers may notice of it at most. */
export interface FaultRow {
  readonly name: string;
  /** Time without media at the ingest, milliseconds. */
  readonly silenceMs: number;
  /** Time without the host's pictures; undefined where none is promised. */
  readonly liveGapMs?: number;
  /** Whether the RTMP session has to outlive it. */
  readonly sameSession: boolean;
  /** Only where a control group can be made. */
  readonly needsGroup?: true;
  readonly inflict: (stage: FaultStage) => Promise<Inflicted>;
}

/**
 * "0 s of RTMP": nothing is missing in the session's time, and the ingest never waits longer than it takes to notice
 * that a picture is overdue (half a second) and to hold the last one.
 */
const NO_SILENCE_MS = 1_000;
const BACK_MS = 2_000;
const LIVE_MS = 5_000;
const LASTS_MS = 8_000;
/** A little less than what the stage's relay takes. */
const SCARCE_CORES = 0.1;
const REFUSED_REJOINS = 1;
/** Half of what the stage's host and AAC come to, in kilobytes a second. */
const HALF_RATE_KB = 50;

export const faultRows: readonly FaultRow[] = [
  {
    ...{ name: 'FFmpeg is killed', silenceMs: 1_500, sameSession: false },
    inflict: async (stage) => atOnce(await kill(stage, 'ffmpeg', 'SIGKILL')),
  },
  {
    // Noticed within 3 s, and then as above.
    ...{ name: 'FFmpeg is wedged', silenceMs: 3_000 + 1_500, sameSession: false },
    inflict: async (stage) => atOnce(await kill(stage, 'ffmpeg', 'SIGSTOP')),
  },
  {
    ...{ name: 'the connection to the ingest is reset', silenceMs: BACK_MS, sameSession: false },
    inflict: async (stage) => {
      const { sessions } = stage.ingest.tap;
      const session = sessions.at(-1);
      const at = performance.now();
      await stage.path.poison({ type: 'reset_peer', attributes: { timeout: 0 } });
      await eventually('the connection is reset', 30, () => session?.closedAt);
      await stage.path.heal();
      return atOnce(at);
    },
  },
  {
    ...{ name: 'the way to the ingest is a black hole', silenceMs: BACK_MS, sameSession: false },
    inflict: (stage) => poison(stage, { type: 'timeout', attributes: { timeout: 0 } }),
  },
  {
    ...{ name: 'the way to the ingest has half the bandwidth', silenceMs: BACK_MS, sameSession: true },
    inflict: (stage) => poison(stage, { type: 'bandwidth', attributes: { rate: HALF_RATE_KB } }, 15_000),
  },
  {
    ...{ name: 'the renderer is killed', silenceMs: NO_SILENCE_MS, liveGapMs: LIVE_MS, sameSession: true },
    inflict: async (stage) => atOnce(await kill(stage, 'renderer', 'SIGKILL')),
  },
  {
    ...{ name: 'the browser is killed', silenceMs: NO_SILENCE_MS, liveGapMs: LIVE_MS, sameSession: true },
    inflict: async (stage) => atOnce(await kill(stage, 'browser', 'SIGKILL')),
  },
  {
    // Its time without pictures begins when it hangs, of which the page's silence is the only sign.
    ...{ name: 'the page hangs', silenceMs: NO_SILENCE_MS, liveGapMs: 4_000 + LIVE_MS, sameSession: true },
    inflict: async (stage) => atOnce(await kill(stage, 'renderer', 'SIGSTOP')),
  },
  {
    ...{ name: 'the Agora websocket is cut', silenceMs: NO_SILENCE_MS, sameSession: true },
    inflict: async (stage) => {
      stage.studio.edge.cutWebsocket({ uid: stage.relayUid });
      return atOnce(performance.now());
    },
  },
  {
    ...{
      name: 'the Agora websocket is cut and the rejoin refused',
      silenceMs: NO_SILENCE_MS,
      sameSession: true,
    },
    inflict: async (stage) => {
      const at = performance.now();
      stage.studio.edge.faults.refuseRejoins = REFUSED_REJOINS;
      stage.studio.edge.cutWebsocket({ uid: stage.relayUid });
      return atOnce(at);
    },
  },
  {
    ...{ name: 'the Agora edge is restarted', silenceMs: NO_SILENCE_MS, sameSession: true },
    inflict: async (stage) => {
      const at = performance.now();
      await stage.studio.restartEdge(1_000);
      return atOnce(at);
    },
  },
  {
    ...{ name: 'the media path from Agora is dead', silenceMs: NO_SILENCE_MS, sameSession: true },
    inflict: async (stage) => {
      const at = performance.now();
      stage.studio.edge.blackholeMedia({ uid: stage.relayUid });
      await pause(LASTS_MS);
      stage.studio.edge.blackholeMedia({ uid: stage.relayUid }, false);
      return atOnce(at);
    },
  },
  {
    ...{ name: 'the token is about to expire', silenceMs: NO_SILENCE_MS, liveGapMs: 500, sameSession: true },
    inflict: async (stage) => {
      const at = performance.now();
      await stage.relay.replace('token', stage.studio.membership(stage.relayUid).token);
      stage.studio.edge.tokenWillExpire({ uid: stage.relayUid });
      await pause(3_000); // what is not to be seen takes as long as one looks
      return atOnce(at);
    },
  },
  {
    ...{ name: 'the token has expired', silenceMs: NO_SILENCE_MS, sameSession: true },
    inflict: async (stage) => {
      const at = performance.now();
      await stage.relay.replace('token', stage.studio.membership(stage.relayUid).token);
      stage.studio.edge.tokenExpired({ uid: stage.relayUid });
      return atOnce(at);
    },
  },
  {
    // Whatever becomes of the pictures, the sound is complete (see complaints) and the session goes on.
    ...{ name: 'the processor is scarce', silenceMs: 2 * NO_SILENCE_MS, sameSession: true, needsGroup: true },
    inflict: async (stage) => {
      const at = performance.now();
      stage.group?.limitCpu(SCARCE_CORES);
      await pause(LASTS_MS);
      stage.group?.limitCpu(undefined);
      return { at, overAt: at };
    },
  },
  {
    ...{ name: 'the host is away', silenceMs: NO_SILENCE_MS, sameSession: true },
    inflict: async (stage) => {
      const at = performance.now();
      stage.studio.publisher.detach();
      await pause(LASTS_MS);
      await stage.studio.publisher.attach();
      return atOnce(at);
    },
  },
];

function atOnce(at: number): Inflicted {
  return { at, overAt: at };
}

async function kill(
  stage: FaultStage,
  what: Parameters<FaultStage['process']>[0],
  signal: NodeJS.Signals,
): Promise<number> {
  const pid = await stage.process(what);
  process.kill(pid, signal);
  return performance.now();
}

async function poison(stage: FaultStage, toxic: Toxic, lastsMs = LASTS_MS): Promise<Inflicted> {
  const at = performance.now();
  await stage.path.poison(toxic);
  await pause(lastsMs);
  await stage.path.heal();
  return { at, overAt: performance.now() };
}
