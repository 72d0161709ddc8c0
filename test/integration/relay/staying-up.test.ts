import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, jest, test } from '@jest/globals';
import { relayExitCodes } from '../../../src/api/relay-contract.ts';
import { ControlGroup } from '../../support/processes/control-group.ts';
import { complaints, onlyWhatIsNeeded, playRound } from '../../support/faults/fault-round.ts';
import { faultRows } from '../../support/faults/fault-rows.ts';
import { FaultStage } from '../../support/faults/fault-stage.ts';
import { avOffsets } from '../../support/media/frame-figures.ts';
import { eventually } from '../../support/wait/eventually.ts';

// Each fault once; `make bench-faults` many times.
jest.setTimeout(150_000);

/** One relay for all the faults that it is to outlive; another one only after a test that failed. */
let opened: FaultStage | undefined;
afterAll(close);

async function stage(): Promise<FaultStage> {
  opened ??= await FaultStage.open();
  return opened;
}

async function close(): Promise<void> {
  const closing = opened;
  opened = undefined;
  await closing?.[Symbol.asyncDispose]();
}

const canLimit = await (async () => {
  const group = ControlGroup.create(`livechannel-probe-${String(process.pid)}`);
  await group?.[Symbol.asyncDispose]();
  return group !== undefined;
})();

describe('a relay on air', () => {
  const rows = faultRows.filter(({ needsGroup }) => canLimit || needsGroup === undefined);
  test.each(rows)('stays up when $name', async (row) => {
    try {
      const verdict = await playRound(await stage(), row);
      expect({ verdict, complaints: complaints(row, verdict) }).toMatchObject({ complaints: [] });
      await onlyWhatIsNeeded(await stage());
    } catch (error) {
      await close();
      throw error;
    }
  });

  test('has sound and picture in step after all of it', async () => {
    const { ingest, relay } = await stage();
    await (await stage()).untilLive(performance.now() - 1_000);
    ingest.tap.forget();
    await eventually('six seconds are on air', 30, () => {
      const [first, last] = [ingest.tap.media('video')[0], ingest.tap.media('video').at(-1)];
      return first !== undefined && last !== undefined && last.timestamp - first.timestamp > 6_000;
    });
    const offsets = await avOffsets(ingest.tap.sessions.at(-1)?.tags ?? []);
    expect(offsets.length).toBeGreaterThan(2);
    // ITU-R BT.1359: sound may be 45 ms early or 125 ms late before people notice.
    expect(Math.min(...offsets)).toBeGreaterThan(-45);
    expect(Math.max(...offsets)).toBeLessThan(125);
    expect((await relay.report()).state).toBe('live');
  });

  test('sends its last picture, says goodbye and leaves no process when it is told to end', async () => {
    const { ingest, relay, studio } = await stage();
    await (await stage()).untilLive(performance.now() - 1_000);
    const before = (await stage()).processes();
    const asked = performance.now();
    relay.signal('SIGTERM');
    expect(await relay.exit()).toBe(relayExitCodes.ok);
    expect(performance.now() - asked).toBeLessThan(3_000);
    const last = ingest.tap.media('video').at(-1);
    const frame = last === undefined ? undefined : studio.publisher.frames.byBytes(last.payload, last.at);
    expect(frame?.at).toBeGreaterThan(asked - 500);
    expect(ingest.tap.sessions.at(-1)?.endedProperly).toBe(true);
    const isLeft = (pid: number): boolean => before.some((each) => each.pid === pid);
    await eventually(
      'no process is left',
      3,
      async () => !(await stage()).processes().some(({ pid }) => isLeft(pid)),
    );
    await close();
  });
});

/** From the first sign of it; the relay may have needed seconds to start before. */
const FATAL_MS = 5_000;
const FEW_TRIES = 5;

describe('a relay that cannot go on ends and says why', () => {
  test('when the ingest refuses the key', async () => {
    await using refused = await FaultStage.open({ streamKey: 'not-the-key' });
    const { tap } = refused.ingest;
    await eventually('the relay comes to the ingest', 60, () => tap.sessions.length > 0);
    await expectEnd(refused, tap.sessions[0]?.openedAt ?? NaN, 'IngestRejected');
    expect(tap.sessions.length).toBeLessThanOrEqual(FEW_TRIES);
  });

  test('when the certificate of the ingest is not trusted', async () => {
    await using distrusting = await FaultStage.open();
    const { tap, server } = distrusting.ingest;
    await distrusting.relay.replace('ca.crt', await readFile(server.otherCaFile, 'utf8'));
    await eventually('the relay turns away', 60, () => tap.handshakesFailed > 0);
    await expectEnd(distrusting, performance.now(), 'IngestCertificateInvalid');
    expect(tap.handshakesFailed).toBeLessThanOrEqual(FEW_TRIES);
  });

  test.each([
    ['it is banned', (fatal: FaultStage) => fatal.studio.edge.ban({ uid: fatal.relayUid }, 14)],
    ['its uid is taken', (fatal: FaultStage) => fatal.studio.edge.duplicateUid({ uid: fatal.relayUid })],
  ])('when %s', async (_, inflict) => {
    await using fatal = await FaultStage.open();
    await fatal.untilLive(performance.now());
    const at = performance.now();
    expect(inflict(fatal)).toBe(1);
    await expectEnd(fatal, at, 'AgoraBanned');
  });
});

async function expectEnd({ relay }: FaultStage, since: number, reason: string): Promise<void> {
  expect(await relay.exit()).toBe(relayExitCodes.fatal);
  expect(performance.now() - since).toBeLessThan(FATAL_MS);
  expect(await relay.terminationMessage()).toMatchObject({ reason });
}
