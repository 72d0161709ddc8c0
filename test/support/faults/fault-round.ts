import { setTimeout as pause } from 'node:timers/promises';
import { errorMessage } from '../../../src/base/error-text.ts';
import { eventually } from '../wait/eventually.ts';
import type { FaultRow } from './fault-rows.ts';
import type { FaultStage } from './fault-stage.ts';
import { verdictOf, type FaultVerdict } from './fault-verdict.ts';

/** After a recovery, so that what comes late is judged too. */
const REST_MS = 1_000;

/**
 * Inflicts the fault, waits until the host's pictures are back, and says what the ingest saw.
 * `endsAt`: goes on looking until then.
 */
export async function playRound(stage: FaultStage, row: FaultRow, endsAt = 0): Promise<FaultVerdict> {
  await stage.untilLive(performance.now() - 1_000);
  stage.ingest.tap.forget();
  const inflicted = await row.inflict(stage);
  await stage.untilLive(inflicted.overAt);
  await pause(Math.max(REST_MS, endsAt - performance.now()));
  const { tap } = stage.ingest;
  return verdictOf(tap.sessions, stage.studio.publisher.frames, inflicted, performance.now());
}

/** What of the row's promises the verdict breaks; empty when nothing. */
export function complaints(row: FaultRow, verdict: FaultVerdict): string[] {
  const { silenceMs, liveGapMs, sessions, audioStepMs, disorder } = verdict;
  const said: string[] = [...disorder];
  if (silenceMs > row.silenceMs)
    said.push(`no media for ${String(silenceMs)} ms, of ${String(row.silenceMs)} at most`);
  if (row.liveGapMs !== undefined && liveGapMs > row.liveGapMs)
    said.push(`no picture of the host for ${String(liveGapMs)} ms, of ${String(row.liveGapMs)} at most`);
  if (row.sameSession && sessions > 0)
    said.push(`${String(sessions)} more RTMP sessions, where the same is to go on`);
  if (audioStepMs > LARGEST_AUDIO_STEP_MS)
    said.push(`${String(audioStepMs)} ms of sound missing within a session`);
  return said;
}

/** What a round came to, and everything that was wrong with it; the stage is whole again afterwards. */
export interface PlayedRound {
  readonly verdict: FaultVerdict | undefined;
  readonly complaints: readonly string[];
}

/** As playRound; what goes wrong is no error but a complaint, for those who go on with the next round. */
export async function playOn(stage: FaultStage, row: FaultRow, endsAt = 0): Promise<PlayedRound> {
  const said: string[] = [];
  const verdict = await playRound(stage, row, endsAt).catch(async (error: unknown) => {
    said.push(errorMessage(error).slice(0, 500));
    await stage.path.heal();
    stage.studio.edge.clearFaults();
    return undefined;
  });
  if (verdict !== undefined) said.push(...complaints(row, verdict));
  await onlyWhatIsNeeded(stage).catch((error: unknown) => said.push(String(error)));
  return { verdict, complaints: said };
}

/** AAC has a piece each 21 ms; FLV's times are whole milliseconds. */
const LARGEST_AUDIO_STEP_MS = 60;

/** No zombies, no orphans, one FFmpeg. Processes on their way out are given a moment. */
export async function onlyWhatIsNeeded(stage: FaultStage): Promise<void> {
  const isTidy = (): boolean => {
    const all = stage.processes();
    return (
      all.filter(({ command }) => command.startsWith('ffmpeg')).length === 1 &&
      !all.some(({ state }) => state === 'Z') &&
      stage.orphans().length === 0
    );
  };
  try {
    await eventually('one FFmpeg is left, no zombie and no orphan', 5, isTidy);
  } catch (error) {
    const list = stage
      .processes()
      .map(({ pid, parent, state, command }) => `${pid} of ${parent} ${state} ${command}`);
    throw new Error(`${String(error)} There are: ${list.join(', ')}`, { cause: error });
  }
}
