import { describe, expect, test } from '@jest/globals';
import {
  OrphanSweep,
  type SweepResult,
} from '../../../../src/controllers/streaming-platform/orphan-sweep.ts';
import type { OpenPlatform } from '../../../../src/cluster/platform-directory.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import type { ObservedStream } from '../../../../src/platforms/platform.ts';
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
    deleteStream: async (id: string) => {
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
  const other = aStream('other', { owner: orphan.owner });
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

describe('a stream whose channel is there', () => {
  const stray = aStream('s-2', { name: 'lc-origin' });

  test('and does not record it is a stray, and deleted whatever orphanPolicy says', async () => {
    const { clock, deleted, run } = aSweep('Report');
    expect(await run([owned, stray])).toEqual({ orphans: [], deleted: [] });
    await clock.advance(60_000);
    expect(await run([owned, stray])).toEqual({ orphans: [], deleted: [stray] });
    expect(deleted).toEqual(['s-2']);
  });

  test('may be the one whose answer is not recorded yet: then all of that name are left alone', async () => {
    const { run } = aSweep('Delete', 0, aChannel({ records: [withoutId(aRecord())] }));
    expect(await run([owned, stray])).toEqual({ orphans: [], deleted: [] });
    const another = aStream('s-3', { name: 'lc-other-options' });
    expect(await run([another])).toEqual({ orphans: [], deleted: [another] });
  });

  test('is its own in every role', async () => {
    const records = (['active', 'incoming', 'draining'] as const).map((role) =>
      aRecord({ role, name: role, id: role }),
    );
    const { run } = aSweep('Delete', 0, aChannel({ records }));
    const streams = records.map(({ role }) => aStream(role));
    expect(await run(streams)).toEqual({ orphans: [], deleted: [] });
  });

  test('is a stray when the annotation was copied from another channel, or cannot be read', async () => {
    const annotations = { 'livechannel.dev/streams': '{"channel":"another-uid","streams":[]}' };
    const { run } = aSweep('Report', 0, aChannel({ metadata: { annotations } }));
    expect(await run([owned])).toEqual({ orphans: [], deleted: [owned] });
  });
});

describe('several platforms of one account', () => {
  const ofOther = aStream('elsewhere', { owner: anOwner({ platform: 'other', channelUid: 'uid-gone' }) });
  const ofNone = aStream('of-a-platform-gone', {
    owner: anOwner({ platform: 'removed', channelUid: 'uid-gone' }),
  });

  test('each look after their own streams', async () => {
    const { run } = aSweep('Delete', 0);
    expect(await run([orphan, ofOther])).toEqual({ orphans: [], deleted: [orphan] });
    expect(await run([orphan, ofOther], 'other')).toEqual({ orphans: [], deleted: [ofOther] });
  });

  test('any looks after those of a platform that is gone', async () => {
    const { run } = aSweep('Report', 0);
    expect(await run([ofNone])).toEqual({ orphans: [ofNone], deleted: [] });
    expect(await run([ofNone], 'other')).toEqual({ orphans: [ofNone], deleted: [] });
  });
});

test('what nobody is named as the owner of is never touched', async () => {
  const { deleted, run } = aSweep('Delete', 0);
  expect(await run([foreign])).toEqual({ orphans: [], deleted: [] });
  expect(deleted).toEqual([]);
});
