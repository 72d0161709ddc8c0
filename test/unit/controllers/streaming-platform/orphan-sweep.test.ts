import { describe, expect, test } from '@jest/globals';
import {
  OrphanSweep,
  type SweepResult,
} from '../../../../src/controllers/streaming-platform/orphan-sweep.ts';
import type { OpenPlatform } from '../../../../src/cluster/platform-directory.ts';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import type { ObservedStream, OwnedStream } from '../../../../src/platforms/platform.ts';
import { aChannel, aRecord, withoutId } from '../../../support/channel/channel-examples.ts';
import { anOwner, aStream, never } from '../../../support/platforms/platform-examples.ts';

const owned = aStream('s-1', { name: 'lc-origin' });
const orphan = aStream('orphan', { owner: anOwner({ channelUid: 'uid-gone' }) });
const foreign = aStream('foreign', { owner: undefined });

function aSweep(orphanPolicy: 'Report' | 'Delete', graceMs = 60_000, channel = aChannel()) {
  const clock = new FakeClock();
  const deleted: string[] = [];
  const answers = { gone: true, error: undefined as Error | undefined, listed: 0 };
  const client = {
    list: async () => {
      answers.listed += 1;
      return { items: [channel], resourceVersion: '1' };
    },
  };
  const driver = {
    deleteStream: async ({ id }: OwnedStream) => {
      if (answers.error !== undefined) throw answers.error;
      deleted.push(id);
      return answers.gone;
    },
  };
  const sweep = new OrphanSweep(client as unknown as KubeClient, clock, graceMs);
  const run = (streams: readonly ObservedStream[], name = 'origin'): Promise<SweepResult> => {
    const platform = { name, resource: { spec: { orphanPolicy } }, driver };
    return sweep.run(platform as unknown as OpenPlatform, streams, new Set(['origin', 'other']), never);
  };
  return { clock, deleted, answers, run };
}

test('a stream without an owner is orphaned once it is old enough', async () => {
  const { clock, deleted, run } = aSweep('Delete');
  expect(await run([owned, orphan, foreign])).toEqual({ orphans: [], deleted: [] });
  await clock.advance(59_999);
  expect(await run([owned, orphan, foreign])).toEqual({ orphans: [], deleted: [] });
  await clock.advance(1);
  expect(await run([owned, orphan, foreign])).toEqual({ orphans: [], deleted: [orphan] });
  expect(deleted).toEqual(['orphan']);
});

test('with orphanPolicy Report it is reported and kept', async () => {
  const { deleted, run } = aSweep('Report', 0);
  expect(await run([owned, orphan, foreign])).toEqual({ orphans: [orphan], deleted: [] });
  expect(deleted).toEqual([]);
});

test('a stream that vanishes and reappears counts as new again', async () => {
  const { clock, run } = aSweep('Delete');
  await run([orphan]);
  await clock.advance(30_000);
  await run([]);
  await clock.advance(30_000);
  expect(await run([orphan])).toEqual({ orphans: [], deleted: [] });
});

test('a stream whose deletion takes time stays orphaned until it is gone', async () => {
  const { answers, run } = aSweep('Delete', 0);
  answers.gone = false;
  expect(await run([orphan])).toEqual({ orphans: [orphan], deleted: [] });
});

test('a failed deletion is thrown, and does not reset the age of the others', async () => {
  const { clock, answers, run } = aSweep('Delete');
  const other = aStream('other', { owner: orphan.owner });
  await run([orphan, other]);
  await clock.advance(60_000);
  answers.error = new Error('platform out');
  await expect(run([orphan, other])).rejects.toThrow('platform out');
  answers.error = undefined;
  expect(await run([orphan, other])).toMatchObject({ deleted: [orphan, other] });
});

test('without streams no channel is read', async () => {
  const { answers, run } = aSweep('Delete');
  await run([]);
  expect(answers.listed).toBe(0);
});

describe('a stream whose channel exists', () => {
  const unowned = aStream('s-2', { name: 'lc-origin' });

  test('and does not record it is unowned, and deleted whatever the orphanPolicy', async () => {
    const { clock, deleted, run } = aSweep('Report');
    expect(await run([owned, unowned])).toEqual({ orphans: [], deleted: [] });
    await clock.advance(60_000);
    expect(await run([owned, unowned])).toEqual({ orphans: [], deleted: [unowned] });
    expect(deleted).toEqual(['s-2']);
  });

  test('may be one that is not recorded yet: then all streams of that name are kept', async () => {
    const { run } = aSweep('Delete', 0, aChannel({ records: [withoutId(aRecord())] }));
    expect(await run([owned, unowned])).toEqual({ orphans: [], deleted: [] });
    const another = aStream('s-3', { name: 'lc-other-options' });
    expect(await run([another])).toEqual({ orphans: [], deleted: [another] });
  });

  test('is owned in every role', async () => {
    const records = (['active', 'incoming', 'draining'] as const).map((role) =>
      aRecord({ role, name: role, id: role }),
    );
    const { run } = aSweep('Delete', 0, aChannel({ records }));
    const streams = records.map(({ role }) => aStream(role));
    expect(await run(streams)).toEqual({ orphans: [], deleted: [] });
  });

  test('is kept while the records are lost, and when this version cannot read them', async () => {
    const { status: _, ...lost } = aChannel();
    expect(await aSweep('Delete', 0, lost).run([owned])).toEqual({ orphans: [], deleted: [] });
    const unreadable = { ...lost, status: { streams: [{ role: 'new' }] } } as unknown as LiveChannel;
    expect(await aSweep('Delete', 0, unreadable).run([owned])).toEqual({ orphans: [], deleted: [] });
  });
});

describe('several platforms of one account', () => {
  const ofOther = aStream('elsewhere', { owner: anOwner({ platform: 'other', channelUid: 'uid-gone' }) });
  const ofNone = aStream('of-a-platform-gone', {
    owner: anOwner({ platform: 'removed', channelUid: 'uid-gone' }),
  });

  test('each handle their own streams', async () => {
    const { run } = aSweep('Delete', 0);
    expect(await run([orphan, ofOther])).toEqual({ orphans: [], deleted: [orphan] });
    expect(await run([orphan, ofOther], 'other')).toEqual({ orphans: [], deleted: [ofOther] });
  });

  test('all handle the streams of a deleted platform', async () => {
    const { run } = aSweep('Report', 0);
    expect(await run([ofNone])).toEqual({ orphans: [ofNone], deleted: [] });
    expect(await run([ofNone], 'other')).toEqual({ orphans: [ofNone], deleted: [] });
  });
});

test('a stream without an owner tag is never touched', async () => {
  const { deleted, run } = aSweep('Delete', 0);
  expect(await run([foreign])).toEqual({ orphans: [], deleted: [] });
  expect(deleted).toEqual([]);
});
