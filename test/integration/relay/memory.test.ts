import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, jest, test } from '@jest/globals';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import type { RelayReport } from '../../../src/api/relay-contract.ts';
import { relaySettingsSchema } from '../../../src/relay/settings.ts';
import { ControlGroup } from '../../support/processes/control-group.ts';
import { openLoop } from '../../support/host/video-loop.ts';
import { builtProgram } from '../../support/relay/relay-path.ts';
import { Studio, WatchedIngest } from '../../support/host/studio.ts';
import { RelayProcess } from '../../support/relay/relay-process.ts';
import { GroupMemory, ownPrograms } from './scarce-memory.ts';
import { eventually } from '../../support/wait/eventually.ts';

jest.setTimeout(120_000);

const execute = promisify(execFile);
const folders = foldersFrom(process.env);
/** The limit of relay pods. */
const ENOUGH_MIB = 512;
/**
 * Memory for pages of program files, in addition to what cannot be evicted; the critical amount differs between
 * machines.
 */
const SPARE_MIB = { most: 130, least: 70, step: 6 } as const;
/** Pages per second that are read back from disk when memory begins to be short. */
const SHORT_REFAULTS = 2_000;
const STEP_MS = { plenty: 300, scarce: 5_000 } as const;
/** A request to the relay without a response is repeated after this time. */
const PATIENCE_MS = 2_000;
const LASTS_MS = 10_000;

const groupName = `livechannel-memory-${String(process.pid)}`;
/** Skipped for non-root users and in containers without their own control groups. */
const group = ControlGroup.create(groupName);

interface Stage {
  readonly relay: RelayProcess;
  readonly ingest: WatchedIngest;
  readonly memory: GroupMemory;
}

/** A live relay as in its pod, with separate memory. */
async function onAir(cleanUp: AsyncDisposableStack, limited: ControlGroup): Promise<Stage> {
  cleanUp.use(limited);
  if (process.env['LIVECHANNEL_BENCH_PROGRAM'] === undefined)
    await execute(process.execPath, ['hack/build.ts'], { cwd: folders.checkout });
  const memory = new GroupMemory(groupName);
  await memory.limit(ENOUGH_MIB);
  const settings = relaySettingsSchema.parse(process.env);
  const programs = cleanUp.use(await ownPrograms(settings.LIVECHANNEL_CHROMIUM));
  const studio = cleanUp.use(await Studio.open(await openLoop(360)));
  const ingest = cleanUp.use(await WatchedIngest.open());
  const relay = cleanUp.use(
    await RelayProcess.start({
      ...{ ...studio.membership(7), ...ingest.target(), program: builtProgram() },
      environment: { LIVECHANNEL_CHROMIUM: programs.chromium },
      // Short of memory only: on a busy machine, Node would also have to wait for the CPU.
      wrap: (_, args) => limited.wrap('nice', ['-n', '-15', programs.node, ...args]),
    }),
  );
  // A wedged browser takes a long time to exit, and the group can be removed only after that.
  cleanUp.defer(() => memory.limit(undefined));
  await relay.until('live', ({ videoOutput: picture }) => picture === 'live');
  return { relay, ingest, memory };
}

(group === undefined ? describe.skip : describe)('a relay whose memory is too small for its browser', () => {
  test('keeps publishing and reports the shortage, and shows the host again when memory is sufficient', async () => {
    await using cleanUp = new AsyncDisposableStack();
    if (group === undefined) throw new Error('unreachable');
    const { relay, ingest, memory } = await onAir(cleanUp, group);
    const { tap } = ingest;

    const lowered = performance.now();
    const short = await squeeze(relay, memory);
    expect(short.lastError?.message).toContain('more memory');

    const since = performance.now();
    await eventually('the observation time has passed', 30, () => performance.now() - since > LASTS_MS);
    const during = await eventually('the relay responds', 30, () => reportSoon(relay));
    expect(during).toMatchObject({ state: 'live', videoOutput: 'held' });
    expect(during.health).not.toBe('good');

    await memory.limit(ENOUGH_MIB);
    await relay.until('live', ({ videoOutput: picture }) => picture === 'live');

    // At the ingest it was one session without a gap: a held frame, and audio or silence.
    expect(tap.sessions).toHaveLength(1);
    for (const kind of ['video', 'audio'] as const)
      expect(longestWait(tap, kind, lowered)).toBeLessThan(2_000);
    expect(await memory.killed()).toBe(0);
    const { restarts } = await relay.report();
    expect(Object.keys(restarts).filter((name) => !name.startsWith('browser/'))).toEqual([]);
  });
});

/**
 * Reduces the memory until the relay reports that it is too small. The critical amount depends on the machine: with a
 * little more the browser still works, with a little less not even Node does.
 */
async function squeeze(relay: RelayProcess, memory: GroupMemory): Promise<RelayReport> {
  const unevictable = await memory.unevictableMiB();
  for (let spare: number = SPARE_MIB.most; spare >= SPARE_MIB.least; spare -= SPARE_MIB.step) {
    const [from, before] = [performance.now(), await memory.refaults()];
    await memory.limit(unevictable + spare);
    await pause(STEP_MS.plenty);
    const perSecond = (((await memory.refaults()) - before) * 1_000) / (performance.now() - from);
    if (perSecond < SHORT_REFAULTS) continue;
    while (performance.now() - from < STEP_MS.scarce) {
      const report = await reportSoon(relay);
      if ((report?.restarts['browser/MemoryPressure'] ?? 0) > 0 && report !== undefined) return report;
      await pause(100);
    }
  }
  throw new Error(`The relay did not report that its memory is too small.\n${relay.output}`);
}

/** The relay's report if it responds soon. */
function reportSoon(relay: RelayProcess): Promise<RelayReport | undefined> {
  const report = relay.report().catch(() => undefined);
  return Promise.race([report, pause(PATIENCE_MS, undefined, { ref: false })]);
}

/** The longest time without such media at the ingest since `from`, milliseconds. */
function longestWait(tap: WatchedIngest['tap'], kind: 'video' | 'audio', from: number): number {
  const times = tap.media(kind).flatMap(({ at }) => (at > from ? [at] : []));
  const waits = [from, ...times].map((at, index, all) => (all[index + 1] ?? at) - at);
  return Math.max(...waits);
}
