import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { annotations } from '../../../../src/api/names.ts';
import type { StreamRecord } from '../../../../src/api/stream-records.ts';
import { PlatformError } from '../../../../src/platforms/errors.ts';
import type { StreamOwner } from '../../../../src/platforms/platform.ts';
import { aChannel, aRecord } from '../../../support/channel/channel-examples.ts';
import { anOwner } from '../../../support/platforms/platform-examples.ts';
import { ReconcilerStage, type PlatformName } from './reconciler-stage.ts';

let stage: ReconcilerStage;
beforeEach(() => {
  stage = new ReconcilerStage();
});
const moveTo = (name: PlatformName): void => {
  stage.edit({ platformRef: { name } });
};
/** On air, on a platform. */
async function onAir(name: PlatformName = 'origin'): Promise<void> {
  moveTo(name);
  await stage.work(3);
  expect(stage.condition('Ready')).toBe('True Live');
}
const url = (): string | undefined => stage.channel?.status?.hlsPlaybackUrl;
const roles = (): string[] => stage.records.map(({ role, platform }) => `${role} ${platform}`);
/** Another owner has a stream of this name on the platform already. */
function foreign(name: PlatformName, owner: StreamOwner | undefined): void {
  const mine = stage.records[0]?.name ?? '';
  stage.clouds[name].create(mine, 'foreign', 'foreign');
  if (owner !== undefined) stage.owners.set('foreign', owner);
}

describe('from nothing to on air', () => {
  test('a channel gets a stream, a Secret, a pod, and a playback URL', async () => {
    await onAir();
    expect(stage.streams).toEqual(['origin stream-1']);
    expect(stage.children).toEqual(['show-relay', 'show-relay-0']);
    expect(url()).toBe('https://origin.example/stream-1/index.m3u8');
    expect(stage.events).toEqual(['Normal StreamCreated', 'Normal RelayCreated', 'Normal Live']);
  });

  test('then nothing is written', async () => {
    await onAir();
    const before = stage.api.get('LiveChannel', { namespace: 'shop', name: 'show' });
    await stage.work(6, 60);
    expect(stage.api.get('LiveChannel', { namespace: 'shop', name: 'show' })).toEqual(before);
  });

  test('a foreign Secret is not overwritten, and no stream is created', async () => {
    const theirs = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'shop', name: 'show-relay', uid: 'x' },
    };
    stage.api.put(theirs);
    await stage.work(2);
    expect(stage.condition('Ready')).toBe('False InvalidConfiguration');
    expect(stage.message('Ready')).toMatch(/Secret show-relay exists and does not belong to this channel/);
    expect(stage.streams).toEqual([]);
    stage.api.remove(theirs);
    await stage.work(2);
    expect(stage.condition('Ready')).toBe('True Live');
  });

  test('nothing is created while the API server does not keep the records', async () => {
    stage.api.knowsRecords = false;
    await stage.reconcile();
    expect(stage.condition('Ready')).toBe('False ReconcileFailed');
    expect(stage.message('Ready')).toMatch(/does not know status\.streams/);
    await expect(stage.reconcile()).rejects.toThrow('does not know status.streams');
    expect([stage.streams, stage.children]).toEqual([[], []]);
    stage.api.knowsRecords = true;
    await stage.work(2);
    expect(stage.condition('Ready')).toBe('True Live');
  });

  test('nothing is created without the Agora credentials', async () => {
    const agora = stage.api.get('Secret', { namespace: 'shop', name: 'agora' });
    if (agora === undefined) throw new Error('no Secret');
    stage.api.remove(agora);
    await stage.work(2);
    expect(stage.condition('Ready')).toBe('False CredentialsNotFound');
    expect([stage.streams, stage.records]).toEqual([[], []]);
    stage.api.put(agora);
    await stage.work(2);
    expect(stage.condition('Ready')).toBe('True Live');
  });
});

describe.each<PlatformName>(['origin', 'other', 'away'])('a create on %s', (name) => {
  test('is found again if its answer is lost, and is not repeated before the stream would be listed', async () => {
    stage.clouds[name].nextCreate = 'answer-lost';
    await onAir(name);
    expect(stage.streams).toHaveLength(1);
    expect(stage.clouds[name].duplicates).toEqual([]);
  });

  test('is repeated if the request is lost', async () => {
    stage.clouds[name].nextCreate = 'call-lost';
    await onAir(name);
    expect(stage.streams).toHaveLength(1);
  });

  test.each([1, 2, 3, 4, 5])(
    'is found by the next operator after a crash after %i effects',
    async (effects) => {
      moveTo(name);
      await stage.reconcileUntilDeath(effects);
      await onAir(name);
      expect(stage.streams).toHaveLength(1);
      expect(stage.clouds[name].duplicates).toEqual([]);
    },
  );

  test('leaves nothing behind if its answer is lost and the channel is deleted at once', async () => {
    moveTo(name);
    stage.clouds[name].nextCreate = 'answer-lost';
    await stage.reconcile();
    expect(stage.streams).toHaveLength(1);
    stage.delete();
    await stage.work(4);
    expect([stage.streams, stage.channel]).toEqual([[], undefined]);
  });

  test('leaves nothing behind if the operator crashes and the channel is deleted', async () => {
    moveTo(name);
    await stage.reconcileUntilDeath(2);
    stage.delete();
    await stage.work(4);
    expect([stage.streams, stage.channel]).toEqual([[], undefined]);
  });
});

describe('a full platform', () => {
  test('is polled at long intervals, and the channel has the reason QuotaExceeded', async () => {
    stage.clouds.origin.full = true;
    expect(await stage.reconcile()).toBeGreaterThanOrEqual(5_000);
    expect(stage.condition('Ready')).toBe('False QuotaExceeded');
    await stage.work(3, 60);
    stage.clouds.origin.full = false;
    await stage.work(5, 60);
    expect(stage.condition('Ready')).toBe('True Live');
  });

  test('does not take a channel off air that should migrate to it', async () => {
    await onAir();
    stage.clouds.other.full = true;
    moveTo('other');
    await stage.work(6, 30);
    expect(stage.condition('Ready')).toBe('True Live');
    expect(url()).toMatch(/^https:\/\/origin\.example/);
    expect(stage.message('StreamReady')).toMatch(/other/);
    stage.clouds.other.full = false;
    await stage.work(8, 60);
    expect(stage.streams).toEqual([expect.stringMatching(/^other /)]);
  });
});

describe('a migration while on air', () => {
  test('switches the URL once the new stream can be played, drains the old one, and leaves nothing behind', async () => {
    await onAir();
    moveTo('other');
    await stage.reconcile();
    expect(roles()).toEqual(['active origin', 'incoming other']);
    expect(url()).toMatch(/^https:\/\/origin\.example/);
    await stage.work(3, 5);
    expect(roles()).toEqual(['draining origin', 'active other']);
    expect(url()).toMatch(/^https:\/\/other\.example/);
    expect(stage.streams).toHaveLength(2);
    expect(stage.condition('Ready')).toBe('True Live');
    await stage.work(4);
    expect(stage.streams).toEqual([expect.stringMatching(/^other /)]);
    expect(stage.children).toEqual(['show-relay-1', 'show-relay-1']);
    expect(stage.channel?.status?.relay?.restarts).toBe(0);
    expect(stage.events).toEqual(
      expect.arrayContaining(['Normal Migrating', 'Normal Migrated', 'Normal StreamDeleted']),
    );
  });

  test('and back again ends on the first platform', async () => {
    await onAir();
    for (const name of ['other', 'origin', 'away', 'origin'] as const) {
      moveTo(name);
      await stage.work(10);
      expect(stage.streams).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
      expect(stage.condition('Ready')).toBe('True Live');
    }
  });

  test('that is cancelled leaves the old stream unchanged', async () => {
    await onAir();
    stage.clouds.other.ingestUp = false;
    moveTo('other');
    await stage.work(6, 60);
    expect(roles()).toEqual(['active origin', 'incoming other']);
    expect(stage.condition('Ready')).toBe('True Live');
    moveTo('origin');
    await stage.work(4);
    expect(stage.streams).toEqual(['origin stream-1']);
    expect(stage.events).toContain('Warning MigrationFailed');
  });

  test('succeeds even if the old platform does not answer; the old stream is deleted when it does', async () => {
    await onAir();
    stage.clouds.origin.answering = false;
    moveTo('other');
    await stage.work(12);
    expect(roles()).toEqual(['draining origin', 'active other']);
    expect([stage.condition('Ready'), stage.condition('StreamReady')]).toEqual([
      'True Live',
      'True StreamCreated',
    ]);
    expect(stage.children).toEqual(['show-relay-1', 'show-relay-1']);
    stage.clouds.origin.answering = true;
    await stage.work(3);
    expect(roles()).toEqual(['active other']);
    expect(stage.streams).toHaveLength(1);
  });
});

describe('the fallback platform', () => {
  beforeEach(async () => {
    stage.edit({ fallbackPlatformRef: { name: 'away' } });
    await onAir();
  });

  test('is used during a long ingest outage, and left once the home stream can be played', async () => {
    stage.clouds.origin.ingestUp = false;
    await stage.work(2);
    expect(roles()).toEqual(['active origin']);
    await stage.work(6);
    expect(url()).toMatch(/^https:\/\/away\.example/);
    expect([stage.condition('Ready'), stage.condition('FallbackActive')]).toEqual([
      'True Live',
      'True FallbackPlatform',
    ]);

    await stage.work(40);
    expect(url()).toMatch(/^https:\/\/away\.example/);
    expect(stage.events).toContain('Warning MigrationFailed');
    stage.clouds.origin.ingestUp = true;
    await stage.work(60);
    expect(url()).toMatch(/^https:\/\/origin\.example/);
    expect(stage.condition('FallbackActive')).toBe('False NotInUse');
    expect(stage.streams).toHaveLength(1);
  });

  test('is not left while the API of the home platform is down', async () => {
    stage.clouds.origin.ingestUp = false;
    await stage.work(8);
    stage.clouds.origin.answering = false;
    stage.events.length = 0;
    await stage.work(60);
    expect(roles()).toContain('active away');
    expect(stage.events).not.toContain('Warning MigrationFailed');
  });

  test('is not left without a host, who would be needed to prove playback: nothing is created in vain', async () => {
    stage.clouds.origin.ingestUp = false;
    await stage.work(8);
    stage.clouds.origin.ingestUp = true;
    stage.hostIsThere = false;
    await stage.work(12);
    stage.events.length = 0;
    await stage.work(120);
    expect(stage.streams).toEqual([expect.stringMatching(/^away /)]);
    expect(stage.events).toEqual([]);
    stage.hostIsThere = true;
    await stage.work(12);
    expect(stage.streams).toEqual([expect.stringMatching(/^origin /)]);
  });

  test('is not used for faults that it would not solve', async () => {
    stage.hostIsThere = false;
    await stage.work(20);
    expect(roles()).toEqual(['active origin']);
  });
});

describe('key rotation', () => {
  test('happens once for each value of the annotation, and the relay continues with the new key', async () => {
    await onAir();
    const before = stage.channel?.status?.streamKeyId;
    stage.requestKeyRotation('leaked');
    await stage.work(1);
    const after = stage.channel?.status?.streamKeyId;
    expect(after).not.toBe(before);
    expect(stage.condition('Ready')).toBe('True Live');
    await stage.work(3);
    expect(stage.channel?.status?.streamKeyId).toBe(after);
    expect(stage.events.filter((event) => event === 'Normal KeyRotated')).toHaveLength(1);
    expect(stage.channel?.status?.relay?.restarts).toBe(0);
  });

  test.each([1, 2, 3])('happens also if the operator crashes after %i effects', async (effects) => {
    await onAir();
    stage.requestKeyRotation('leaked');
    await stage.reconcileUntilDeath(effects);
    await stage.work(2);
    expect(stage.condition('Ready')).toBe('True Live');
    expect(stage.records[0]?.rotated).toBe('leaked');
    expect(stage.clouds.origin.streams()[0]?.key).toMatch(/^key-/);
  });
});

describe('a stream that vanished on its platform', () => {
  test('is recreated when the ingest refuses its key', async () => {
    await onAir('other');
    stage.clouds.other.vanish();
    await stage.work(4);
    expect(stage.condition('Ready')).toBe('True Live');
    expect(stage.streams).toHaveLength(1);
  });

  test('is recreated when the platform no longer lists it, also off air', async () => {
    await onAir();
    stage.edit({ suspend: true });
    await stage.work(2);
    stage.clouds.origin.vanish();
    await stage.poll('origin');
    await stage.work(2);
    expect(stage.streams).toHaveLength(1);
    expect(stage.condition('StreamReady')).toBe('True StreamCreated');
  });

  test('is not recreated because its platform does not answer', async () => {
    await onAir();
    stage.clouds.origin.answering = false;
    stage.clouds.origin.ingestUp = false;
    await stage.work(6);
    expect(roles()).toEqual(['active origin']);
    stage.clouds.origin.answering = true;
    stage.clouds.origin.ingestUp = true;
    await stage.work(2);
    expect(stage.streams).toEqual(['origin stream-1']);
  });
});

describe('a foreign stream of the same name', () => {
  test.each<[string, StreamOwner | undefined]>([
    ['without an owner', undefined],
    ['of another cluster', anOwner({ clusterId: 'another' })],
    ['of another channel', anOwner({ channelUid: 'another' })],
    ['of another platform of the same account', anOwner({ platform: 'twin' })],
  ])('is neither used nor deleted: %s', async (_, owner) => {
    await onAir('other');
    foreign('other', owner);
    await stage.clock.advance(30_000);
    // The stream is looked up by its name. Then the channel is deleted.
    stage.lose('status');
    await stage.work(6);
    expect(stage.records[0]?.id).toBe('stream-1');
    stage.delete();
    await stage.work(6);
    expect(stage.clouds.other.streams().map(({ id }) => id)).toEqual(['foreign']);
  });
});

describe('deletion', () => {
  test('leaves nothing behind', async () => {
    await onAir();
    stage.delete();
    await stage.work(2);
    expect([stage.channel, stage.streams, stage.children]).toEqual([undefined, [], []]);
  });

  test('deletes both streams during a migration', async () => {
    await onAir();
    moveTo('other');
    await stage.reconcile();
    expect(stage.streams).toHaveLength(2);
    stage.delete();
    await stage.work(4);
    expect([stage.channel, stage.streams, stage.children]).toEqual([undefined, [], []]);
  });

  test('waits until the platform has deleted the stream', async () => {
    await onAir();
    stage.driver('origin').slowDeletes = 2;
    stage.delete();
    await stage.work(1, 2);
    expect(stage.channel?.metadata.finalizers).toHaveLength(1);
    await stage.work(3, 2);
    expect([stage.channel, stage.streams]).toEqual([undefined, []]);
  });

  test('waits for a platform that does not answer, with the reason in Ready', async () => {
    await onAir();
    stage.clouds.origin.answering = false;
    stage.delete();
    await stage.work(4);
    expect(stage.condition('Ready')).toBe('False PlatformUnavailable');
    stage.clouds.origin.answering = true;
    await stage.work(2);
    expect([stage.channel, stage.streams]).toEqual([undefined, []]);
  });

  test('keeps a stream that is to be retained, without an owner', async () => {
    await onAir();
    stage.edit({ deletionPolicy: 'Retain' });
    stage.delete();
    await stage.work(2);
    expect([stage.channel, stage.children, stage.streams]).toEqual([undefined, [], []]);
    expect(stage.clouds.origin.streams()).toHaveLength(1);
    expect(stage.events).toContain('Normal StreamRetained');
  });

  test('leaves nothing behind if the finalizer was removed by hand', async () => {
    await onAir();
    const { channel } = stage;
    if (channel === undefined) throw new Error('no channel');
    stage.api.put({ ...channel, metadata: { ...channel.metadata, finalizers: [] } });
    stage.delete();
    expect(stage.channel).toBeUndefined();
    await stage.work(2);
    expect([stage.streams, stage.children]).toEqual([[], []]);
  });
});

describe.each(['status', 'records'] as const)('a channel whose %s was lost', (what) => {
  test('keeps its stream and its pod, and creates no second stream', async () => {
    await onAir('other');
    const [before, pod] = [stage.streams, stage.pod(0)?.metadata.uid];
    stage.lose(what);
    await stage.work(3);
    expect(stage.streams).toEqual(before);
    expect(stage.clouds.other.duplicates).toEqual([]);
    expect(stage.pod(0)?.metadata.uid).toBe(pod);
    expect(stage.condition('Ready')).toBe('True Live');
    expect(stage.records).toMatchObject([{ role: 'active', platform: 'other', slot: 0 }]);
  });

  test('finishes its migration', async () => {
    await onAir();
    moveTo('other');
    await stage.reconcile();
    expect(stage.streams).toHaveLength(2);
    stage.lose(what);
    await stage.work(12);
    expect(stage.streams).toEqual([expect.stringMatching(/^other /)]);
    expect(stage.condition('Ready')).toBe('True Live');
  });

  test('leaves nothing behind when it is deleted', async () => {
    await onAir('other');
    stage.lose(what);
    stage.delete();
    await stage.work(4);
    expect([stage.channel, stage.streams, stage.children]).toEqual([undefined, [], []]);
  });

  test('keeps its status while the platform does not answer, and its relay goes on', async () => {
    await onAir('other');
    stage.lose(what);
    const { status } = stage.channel ?? {};
    stage.restart();
    const out = jest
      .spyOn(stage.driver('other'), 'listStreams')
      .mockRejectedValue(new PlatformError('PlatformUnavailable', 'The call failed.', { retryable: true }));
    await expect(stage.reconcile()).rejects.toThrow('The call failed');
    expect(stage.channel?.status).toEqual(status);
    expect(stage.pod(0)?.metadata.deletionTimestamp).toBeUndefined();
    out.mockRestore();
    await stage.work(3);
    expect(stage.condition('Ready')).toBe('True Live');
  });
});

describe('a channel of a version that kept the records in an annotation', () => {
  /** The channel as that version left it, with the annotation changed. */
  function downgraded(change: (records: readonly StreamRecord[]) => unknown): void {
    const { channel } = stage;
    if (channel === undefined) throw new Error('no channel');
    const streams = change(stage.records.map(({ provisioned: _, ...record }): StreamRecord => record));
    const text = JSON.stringify({ channel: channel.metadata.uid, streams });
    stage.lose('records');
    stage.edit({}, { [annotations.streams]: text });
    stage.restart();
  }

  test('keeps stream, pod, address and roles; the annotation is removed', async () => {
    await onAir('other');
    const [before, pod, status] = [stage.streams, stage.pod(0)?.metadata.uid, stage.channel?.status];
    const [record] = stage.records;
    downgraded((records) => records);
    await stage.reconcile();
    expect(stage.channel?.status).toMatchObject({
      hlsPlaybackUrl: status?.hlsPlaybackUrl,
      streamId: status?.streamId,
      streamKeyId: status?.streamKeyId,
    });
    await stage.work(3);
    expect(stage.records).toEqual([record]);
    expect(stage.streams).toEqual(before);
    expect(stage.clouds.other.duplicates).toEqual([]);
    expect(stage.pod(0)?.metadata.uid).toBe(pod);
    expect(stage.channel?.metadata.annotations).not.toHaveProperty([annotations.streams]);
    expect(stage.condition('Ready')).toBe('True Live');
  });

  test('believes no ID that the annotation names', async () => {
    await onAir('other');
    foreign('other', anOwner({ channelUid: 'victim' }));
    const victim = 'key of foreign';
    downgraded((records) => records.map((record) => ({ ...record, id: 'foreign' })));
    stage.requestKeyRotation('now');
    await stage.work(4);
    expect(stage.records).toMatchObject([{ id: 'stream-1' }]);
    expect(stage.clouds.other.open('foreign')?.key).toBe(victim);
    const secrets = JSON.stringify(stage.api.list('Secret'));
    expect(secrets).not.toContain(Buffer.from(victim).toString('base64'));
  });

  test.each<[string, unknown]>([
    ['is not valid', 'x'],
    ['has too many records', Array.from({ length: 100 }, () => ({}))],
    ['has a time that is none', [{ ...aRecord(), until: 'x' }]],
  ])('finds its stream if the annotation %s', async (_what, streams) => {
    await onAir('other');
    const before = stage.streams;
    downgraded(() => streams);
    await stage.work(3);
    expect(stage.streams).toEqual(before);
    expect(await stage.reconcile()).toBeGreaterThan(0);
    expect(stage.condition('Ready')).toBe('True Live');
  });
});

test('the annotation of a new channel means nothing', async () => {
  const records = [{ ...aRecord(), platform: 'other', id: 'foreign' }, { ...aRecord({ role: 'incoming' }) }];
  stage = new ReconcilerStage(
    aChannel({
      records: [],
      finalizers: [],
      metadata: {
        annotations: { [annotations.streams]: JSON.stringify({ channel: 'channel-uid', streams: records }) },
      },
    }),
  );
  await stage.work(2);
  expect(stage.records).toMatchObject([{ role: 'active', platform: 'origin' }]);
  expect(stage.streams).toHaveLength(1);
  expect(stage.channel?.metadata.annotations).not.toHaveProperty([annotations.streams]);
});
