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
/** What is left to pages of programs, beside what cannot be evicted; where it becomes too little differs. */
const SPARE_MIB = { most: 130, least: 70, step: 6 } as const;
/** So many a second are read back from disk where it begins to be too little. */
const SHORT_REFAULTS = 2_000;
const STEP_MS = { plenty: 300, scarce: 5_000 } as const;
/** A relay that says nothing for so long is asked again. */
const PATIENCE_MS = 2_000;
const LASTS_MS = 10_000;

const groupName = `livechannel-memory-${String(process.pid)}`;
/** Not as a user who is not root, nor in a container without control groups of its own. */
const group = ControlGroup.create(groupName);

interface Stage {
  readonly relay: RelayProcess;
  readonly ingest: WatchedIngest;
  readonly memory: GroupMemory;
}

/** A relay on air as in its pod, with a memory of its own. */
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
      // Short of memory, and of nothing else: on a machine that is busy otherwise, Node would wait for its turn, too.
      wrap: (_, args) => limited.wrap('nice', ['-n', '-15', programs.node, ...args]),
    }),
  );
  // A wedged browser takes long to die, and the group can be removed only when it has.
  cleanUp.defer(() => memory.limit(undefined));
  await relay.until('live', ({ videoOutput: picture }) => picture === 'live');
  return { relay, ingest, memory };
}

(group === undefined ? describe.skip : describe)('a relay whose memory is too small for its browser', () => {
  test('goes on sending, says so, and shows the host again when there is enough', async () => {
    await using cleanUp = new AsyncDisposableStack();
    if (group === undefined) throw new Error('unreachable');
    const { relay, ingest, memory } = await onAir(cleanUp, group);
    const { tap } = ingest;

    const lowered = performance.now();
    const short = await squeeze(relay, memory);
    expect(short.lastError?.message).toContain('more memory');

    const since = performance.now();
    await eventually('it has lasted', 30, () => performance.now() - since > LASTS_MS);
    const during = await eventually('the relay answers', 30, () => heard(relay));
    expect(during).toMatchObject({ state: 'live', videoOutput: 'held' });
    expect(during.health).not.toBe('good');

    await memory.limit(ENOUGH_MIB);
    await relay.until('live', ({ videoOutput: picture }) => picture === 'live');

    // To the ingest it was one session without a hole: a held picture, and sound or silence.
    expect(tap.sessions).toHaveLength(1);
    for (const kind of ['video', 'audio'] as const)
      expect(longestWait(tap, kind, lowered)).toBeLessThan(2_000);
    expect(await memory.killed()).toBe(0);
    const { restarts } = await relay.report();
    expect(Object.keys(restarts).filter((name) => !name.startsWith('browser/'))).toEqual([]);
  });
});

/**
 * Takes memory away until the relay says that it has too little. How much that is depends on the machine: with a little
 * more the browser still gets along, with a little less not even Node does.
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
      const report = await heard(relay);
      if ((report?.restarts['browser/MemoryPressure'] ?? 0) > 0 && report !== undefined) return report;
      await pause(100);
    }
  }
  throw new Error(`The relay did not say that its memory is too small.\n${relay.output}`);
}

/** What the relay says, if it says anything soon. */
function heard(relay: RelayProcess): Promise<RelayReport | undefined> {
  const report = relay.report().catch(() => undefined);
  return Promise.race([report, pause(PATIENCE_MS, undefined, { ref: false })]);
}

/** Between two pieces of that kind that came to the ingest since `from`, milliseconds. */
function longestWait(tap: WatchedIngest['tap'], kind: 'video' | 'audio', from: number): number {
  const times = tap.media(kind).flatMap(({ at }) => (at > from ? [at] : []));
  const waits = [from, ...times].map((at, index, all) => (all[index + 1] ?? at) - at);
  return Math.max(...waits);
}
