import { beforeEach, describe, expect, test } from '@jest/globals';
import { annotations } from '../../../../src/api/names.ts';
import type { StreamOwner } from '../../../../src/platforms/platform.ts';
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
/** Somebody has a stream of this name on the platform already. */
function foreign(name: PlatformName, owner: StreamOwner | undefined): void {
  const mine = stage.records[0]?.name ?? '';
  stage.clouds[name].create(mine, 'foreign', 'foreign');
  if (owner !== undefined) stage.owners.set('foreign', owner);
}

describe('from nothing to on air', () => {
  test('a channel gets a stream, a Secret and a pod, and its URL', async () => {
    await onAir();
    expect(stage.streams).toEqual(['origin stream-1']);
    expect(stage.children).toEqual(['show-relay', 'show-relay-0']);
    expect(url()).toBe('https://origin.example/stream-1/index.m3u8');
    expect(stage.events).toEqual(['Normal StreamCreated', 'Normal RelayCreated', 'Normal Live']);
  });

  test('then there is nothing to do, and nothing is written', async () => {
    await onAir();
    const before = stage.api.get('LiveChannel', { namespace: 'shop', name: 'show' });
    await stage.work(6, 60);
    expect(stage.api.get('LiveChannel', { namespace: 'shop', name: 'show' })).toEqual(before);
  });

  test('a Secret of somebody else is not written over, and nothing is made on the platform', async () => {
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

  test('nothing is made without the Agora credentials', async () => {
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
  test('whose answer is lost is found again, and not said twice before it would show', async () => {
    stage.clouds[name].nextCreate = 'answer-lost';
    await onAir(name);
    expect(stage.streams).toHaveLength(1);
    expect(stage.clouds[name].doubles).toEqual([]);
  });

  test('that is lost on the way is said again', async () => {
    stage.clouds[name].nextCreate = 'call-lost';
    await onAir(name);
    expect(stage.streams).toHaveLength(1);
  });

  test.each([1, 2, 3, 4, 5])(
    'is found again by the next operator, when this one dies after %i effects',
    async (effects) => {
      moveTo(name);
      await stage.reconcileUntilDeath(effects);
      await onAir(name);
      expect(stage.streams).toHaveLength(1);
      expect(stage.clouds[name].doubles).toEqual([]);
    },
  );

  test('leaves nothing behind when its answer is lost and the channel is deleted at once', async () => {
    moveTo(name);
    stage.clouds[name].nextCreate = 'answer-lost';
    await stage.reconcile();
    expect(stage.streams).toHaveLength(1);
    stage.delete();
    await stage.work(4);
    expect([stage.streams, stage.channel]).toEqual([[], undefined]);
  });

  test('leaves nothing behind when the operator dies with it and the channel is deleted', async () => {
    moveTo(name);
    await stage.reconcileUntilDeath(2);
    stage.delete();
    await stage.work(4);
    expect([stage.streams, stage.channel]).toEqual([[], undefined]);
  });
});

describe('a platform that is full', () => {
  test('is waited for, calmly, and the channel says so', async () => {
    stage.clouds.origin.full = true;
    expect(await stage.reconcile()).toBeGreaterThanOrEqual(5_000);
    expect(stage.condition('Ready')).toBe('False QuotaExceeded');
    await stage.work(3, 60);
    stage.clouds.origin.full = false;
    await stage.work(5, 60);
    expect(stage.condition('Ready')).toBe('True Live');
  });

  test('does not take a channel off air that should move there', async () => {
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

describe('a move while on air', () => {
  test('switches the URL once the new stream plays, drains the old one, and leaves nothing of it', async () => {
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

  test('back and forth ends where it should', async () => {
    await onAir();
    for (const name of ['other', 'origin', 'away', 'origin'] as const) {
      moveTo(name);
      await stage.work(10);
      expect(stage.streams).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
      expect(stage.condition('Ready')).toBe('True Live');
    }
  });

  test('that comes to nothing leaves the old stream as it is', async () => {
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

  test('ends though the platform left behind does not answer; the stream there goes when it does', async () => {
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

  test('is gone to when the ingest is out for long enough, and left again once home plays', async () => {
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

  test('is not left while the API at home is out', async () => {
    stage.clouds.origin.ingestUp = false;
    await stage.work(8);
    stage.clouds.origin.answering = false;
    stage.events.length = 0;
    await stage.work(60);
    expect(roles()).toContain('active away');
    expect(stage.events).not.toContain('Warning MigrationFailed');
  });

  test('is not left while no host is there to show that home plays: nothing is made in vain', async () => {
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

  test('is no refuge from what it would not mend', async () => {
    stage.hostIsThere = false;
    await stage.work(20);
    expect(roles()).toEqual(['active origin']);
  });
});

describe('another key', () => {
  test('is made once for each wish, and the relay goes on with it', async () => {
    await onAir();
    const before = stage.channel?.status?.streamKeyId;
    stage.askForKey('leaked');
    await stage.work(1);
    const after = stage.channel?.status?.streamKeyId;
    expect(after).not.toBe(before);
    expect(stage.condition('Ready')).toBe('True Live');
    await stage.work(3);
    expect(stage.channel?.status?.streamKeyId).toBe(after);
    expect(stage.events.filter((event) => event === 'Normal KeyRotated')).toHaveLength(1);
    expect(stage.channel?.status?.relay?.restarts).toBe(0);
  });

  test.each([1, 2, 3])('is made, though the operator dies after %i effects', async (effects) => {
    await onAir();
    stage.askForKey('leaked');
    await stage.reconcileUntilDeath(effects);
    await stage.work(2);
    expect(stage.condition('Ready')).toBe('True Live');
    expect(stage.records[0]?.rotated).toBe('leaked');
    expect(stage.clouds.origin.streams()[0]?.key).toMatch(/^key-/);
  });
});

describe('a stream that vanished on its platform', () => {
  test('is made anew when the ingest refuses its key', async () => {
    await onAir('other');
    stage.clouds.other.vanish();
    await stage.work(4);
    expect(stage.condition('Ready')).toBe('True Live');
    expect(stage.streams).toHaveLength(1);
  });

  test('is made anew when the platform does not list it any more, also off air', async () => {
    await onAir();
    stage.edit({ suspend: true });
    await stage.work(2);
    stage.clouds.origin.vanish();
    await stage.look('origin');
    await stage.work(2);
    expect(stage.streams).toHaveLength(1);
    expect(stage.condition('StreamReady')).toBe('True StreamCreated');
  });

  test('is not made anew because its platform does not answer', async () => {
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

describe('somebody else’s stream of the same name', () => {
  test.each<[string, StreamOwner | undefined]>([
    ['nobody’s', undefined],
    ['another cluster’s', anOwner({ clusterId: 'another' })],
    ['another channel’s', anOwner({ channelUid: 'another' })],
    ['another platform’s of the same account', anOwner({ platform: 'twin' })],
  ])('is neither used nor deleted: %s', async (_, owner) => {
    await onAir('other');
    foreign('other', owner);
    await stage.clock.advance(30_000);
    // The Secret goes, so the stream is looked for by its name; then the channel goes.
    stage.edit({}, { [annotations.streams]: undefined });
    await stage.work(6);
    expect(stage.records[0]?.id).toBe('stream-1');
    stage.delete();
    await stage.work(6);
    expect(stage.clouds.other.streams().map(({ id }) => id)).toEqual(['foreign']);
  });
});

describe('deletion', () => {
  test('ends with nothing', async () => {
    await onAir();
    stage.delete();
    await stage.work(2);
    expect([stage.channel, stage.streams, stage.children]).toEqual([undefined, [], []]);
  });

  test('in the middle of a move takes both streams', async () => {
    await onAir();
    moveTo('other');
    await stage.reconcile();
    expect(stage.streams).toHaveLength(2);
    stage.delete();
    await stage.work(4);
    expect([stage.channel, stage.streams, stage.children]).toEqual([undefined, [], []]);
  });

  test('waits until the platform is done', async () => {
    await onAir();
    stage.driver('origin').slowDeletes = 2;
    stage.delete();
    await stage.work(1, 2);
    expect(stage.channel?.metadata.finalizers).toHaveLength(1);
    await stage.work(3, 2);
    expect([stage.channel, stage.streams]).toEqual([undefined, []]);
  });

  test('waits for a platform that does not answer, and says so', async () => {
    await onAir();
    stage.clouds.origin.answering = false;
    stage.delete();
    await stage.work(4);
    expect(stage.condition('Ready')).toBe('False PlatformUnavailable');
    stage.clouds.origin.answering = true;
    await stage.work(2);
    expect([stage.channel, stage.streams]).toEqual([undefined, []]);
  });

  test('keeps the stream where it is to be retained: nobody’s from then on', async () => {
    await onAir();
    stage.edit({ deletionPolicy: 'Retain' });
    stage.delete();
    await stage.work(2);
    expect([stage.channel, stage.children, stage.streams]).toEqual([undefined, [], []]);
    expect(stage.clouds.origin.streams()).toHaveLength(1);
    expect(stage.events).toContain('Normal StreamRetained');
  });

  test('leaves nothing either when the finalizer was taken off by hand', async () => {
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

test('what a lost annotation forgot is found by its name, or swept up', async () => {
  await onAir();
  moveTo('other');
  stage.edit({}, { [annotations.streams]: undefined });
  await stage.work(12);
  await stage.sweep('origin');
  expect(stage.streams).toEqual([expect.stringMatching(/^other /)]);
  expect(stage.condition('Ready')).toBe('True Live');
});
