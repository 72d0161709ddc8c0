import { setTimeout as pause } from 'node:timers/promises';
import { errorMessage } from '../../../src/base/error-text.ts';
import { eventually } from '../wait/eventually.ts';
import type { FaultRow } from './fault-rows.ts';
import type { FaultStage } from './fault-stage.ts';
import { verdictOf, type FaultVerdict } from './fault-verdict.ts';

/** Wait after a recovery, so that late media is judged too. */
const REST_MS = 1_000;

/**
 * Injects the fault, waits until frames from the host arrive again, and returns what the ingest received.
 * `endsAt`: continues to observe until then.
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

/** The limits of the row that the verdict exceeds; empty when there are none. */
export function complaints(row: FaultRow, verdict: FaultVerdict): string[] {
  const { silenceMs, liveGapMs, sessions, audioStepMs, disorder } = verdict;
  const said: string[] = [...disorder];
  if (silenceMs > row.silenceMs)
    said.push(`no media for ${String(silenceMs)} ms, limit ${String(row.silenceMs)} ms`);
  if (row.liveGapMs !== undefined && liveGapMs > row.liveGapMs)
    said.push(`no frame from the host for ${String(liveGapMs)} ms, limit ${String(row.liveGapMs)} ms`);
  if (row.sameSession && sessions > 0)
    said.push(`${String(sessions)} more RTMP sessions, expected the same session to continue`);
  if (audioStepMs > LARGEST_AUDIO_STEP_MS)
    said.push(`${String(audioStepMs)} ms of audio missing within a session`);
  return said;
}

/** The result of a round with all its failures; the stage has been restored afterwards. */
export interface PlayedRound {
  readonly verdict: FaultVerdict | undefined;
  readonly complaints: readonly string[];
}

/** As playRound, but errors are returned as complaints, so that the caller can run the next round. */
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

/** An AAC frame lasts 21 ms; FLV timestamps are whole milliseconds. */
const LARGEST_AUDIO_STEP_MS = 60;

/** No zombies, no orphans, one FFmpeg. Processes that are exiting get a few seconds. */
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
    throw new Error(`${String(error)} Processes: ${list.join(', ')}`, { cause: error });
  }
}
