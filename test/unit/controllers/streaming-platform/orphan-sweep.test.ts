import { expect, test } from '@jest/globals';
import {
  OrphanSweep,
  type SweepResult,
} from '../../../../src/controllers/streaming-platform/orphan-sweep.ts';
import type { OpenPlatform } from '../../../../src/controllers/platform-directory.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { FakeClock } from '../../../../src/kube/testing/fake-clock.ts';
import { streamId, type ObservedStream } from '../../../../src/platforms/platform.ts';
import { never } from '../examples.ts';

const stream = (id: string, channelUid: string | undefined): ObservedStream => ({
  id: streamId(id),
  name: id,
  owner: channelUid === undefined ? undefined : { clusterId: 'cluster', channelUid, channel: 'shop/show' },
  live: false,
  liveSince: undefined,
  viewers: undefined,
  ingestBitrateKbps: undefined,
  createdAt: undefined,
});
const owned = stream('owned', 'uid-1');
const orphan = stream('orphan', 'uid-gone');
const foreign = stream('foreign', undefined);

function aSweep(orphanPolicy: 'Report' | 'Delete', graceMs = 60_000) {
  const clock = new FakeClock();
  const deleted: string[] = [];
  const answers = { gone: true, error: undefined as Error | undefined, listed: 0 };
  const client = {
    list: async () => {
      answers.listed += 1;
      return { items: [{ metadata: { uid: 'uid-1' } }], resourceVersion: '1' };
    },
  };
  const driver = {
    deleteStream: async (id: string) => {
      if (answers.error !== undefined) throw answers.error;
      deleted.push(id);
      return answers.gone;
    },
  };
  const platform = { name: 'origin', resource: { spec: { orphanPolicy } }, driver };
  const sweep = new OrphanSweep(client as unknown as KubeClient, clock, graceMs);
  const run = (streams: readonly ObservedStream[]): Promise<SweepResult> =>
    sweep.run(platform as unknown as OpenPlatform, streams, never);
  return { clock, deleted, answers, run };
}

test('a stream that no channel owns is an orphan once it is old enough', async () => {
  const { clock, deleted, run } = aSweep('Delete');
  expect(await run([owned, orphan, foreign])).toEqual({ orphans: [], deleted: [] });
  await clock.advance(59_999);
  expect(await run([owned, orphan, foreign])).toEqual({ orphans: [], deleted: [] });
  await clock.advance(1);
  expect(await run([owned, orphan, foreign])).toEqual({ orphans: [], deleted: [orphan] });
  expect(deleted).toEqual(['orphan']);
});

test('with orphanPolicy Report it is named and left alone', async () => {
  const { deleted, run } = aSweep('Report', 0);
  expect(await run([owned, orphan, foreign])).toEqual({ orphans: [orphan], deleted: [] });
  expect(deleted).toEqual([]);
});

test('one that vanishes and comes back is young again', async () => {
  const { clock, run } = aSweep('Delete');
  await run([orphan]);
  await clock.advance(30_000);
  await run([]);
  await clock.advance(30_000);
  expect(await run([orphan])).toEqual({ orphans: [], deleted: [] });
});

test('one that takes time to be deleted is an orphan until it is gone', async () => {
  const { answers, run } = aSweep('Delete', 0);
  answers.gone = false;
  expect(await run([orphan])).toEqual({ orphans: [orphan], deleted: [] });
});

test('a failure is told, and does not make the others young', async () => {
  const { clock, answers, run } = aSweep('Delete');
  const other = stream('other', 'uid-gone');
  await run([orphan, other]);
  await clock.advance(60_000);
  answers.error = new Error('platform out');
  await expect(run([orphan, other])).rejects.toThrow('platform out');
  answers.error = undefined;
  expect(await run([orphan, other])).toMatchObject({ deleted: [orphan, other] });
});

test('without streams nobody is asked', async () => {
  const { answers, run } = aSweep('Delete');
  await run([]);
  expect(answers.listed).toBe(0);
});
