import { beforeEach, describe, expect, test } from '@jest/globals';
import { SecretText } from '../../../src/base/secret-text.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import type { PlatformDriver } from '../../../src/platforms/driver.ts';
import { OwnedPlatform, signerOfForm } from '../../../src/platforms/owned-platform.ts';
import {
  streamId,
  type ObservedStream,
  type OwnedStream,
  type ProvisionedStream,
  type StreamId,
  type StreamOwner,
} from '../../../src/platforms/platform.ts';
import { aStream, anOwner, never } from '../../support/platforms/platform-examples.ts';

const mine = anOwner();
const theirs = anOwner({ channelUid: 'another-channel' });
const grant = { expiresAt: new Date('2026-03-01T13:00:00Z') };

function opened(id: string): ProvisionedStream {
  return {
    id: streamId(id),
    ingestUrl: 'rtmps://ingest.example/app/',
    streamKey: new SecretText(`key of ${id}`),
    streamKeyId: 'key-1',
    playbackUrl: `https://play.example/${id}.m3u8`,
  };
}

/** A platform that notes which calls it gets. */
class NotedDriver {
  readonly idForm = /^[a-z0-9-]+$/;
  readonly ownership = { by: 'tags' } as const;
  readonly calls: string[] = [];
  readonly owners = new Map<string, StreamOwner | undefined>([
    ['mine', mine],
    ['theirs', theirs],
    ['untagged', undefined],
  ]);
  created = 'made';

  createStream = (): Promise<ProvisionedStream> => this.#answer('create', () => opened(this.created));
  ownerOf = (id: StreamId): Promise<StreamOwner | undefined> =>
    this.#answer(`owner of ${id}`, () => this.owners.get(id));
  openStream = (id: StreamId): Promise<ProvisionedStream | undefined> =>
    this.#answer(`open ${id}`, () => (this.owners.has(id) ? opened(id) : undefined));
  observeStream = (id: StreamId): Promise<ObservedStream | undefined> =>
    this.#answer(`observe ${id}`, () =>
      this.owners.has(id) ? aStream(id, { owner: this.owners.get(id) }) : undefined,
    );
  rotateKey = (id: StreamId): Promise<ProvisionedStream | undefined> =>
    this.#answer(`rotate ${id}`, () => opened(id));
  deleteStream = (id: StreamId): Promise<boolean> =>
    this.#answer(`delete ${id}`, () => {
      this.owners.delete(id);
      return true;
    });
  disownStream = (id: StreamId): Promise<void> =>
    this.#answer(`disown ${id}`, () => {
      this.owners.set(id, undefined);
    });
  listStreams = (): Promise<readonly ObservedStream[]> =>
    this.#answer('list', () =>
      [...this.owners].flatMap(([id, owner]) => (owner === undefined ? [] : [aStream(id, { owner })])),
    );
  findStreams = this.listStreams;
  signPlayback = ({ playbackUrl }: { playbackUrl: string }): Promise<string> =>
    this.#answer(`sign ${playbackUrl}`, () => `${playbackUrl}?token=t`);

  async #answer<T>(call: string, run: () => T): Promise<T> {
    this.calls.push(call);
    return Promise.resolve(run());
  }
}

let clock: FakeClock;
let driver: NotedDriver;
let platform: OwnedPlatform;
beforeEach(() => {
  clock = new FakeClock();
  driver = new NotedDriver();
  platform = new OwnedPlatform(driver as unknown as PlatformDriver, clock); // The rest is not called.
});

const at = (id: string, owner = mine): OwnedStream => ({ id: streamId(id), owner });

test("the owner's own stream is opened, and its owner is asked for once", async () => {
  expect((await platform.openStream(at('mine'), never))?.id).toBe('mine');
  await platform.rotateKey(at('mine'), never);
  expect(driver.calls).toEqual(['owner of mine', 'open mine', 'rotate mine']);
});

test('after a listing no call requests an owner', async () => {
  await platform.listStreams(never);
  await platform.openStream(at('mine'), never);
  expect(await platform.openStream(at('theirs'), never)).toBeUndefined();
  expect(driver.calls).toEqual(['list', 'open mine']);
});

test('a stream that was just created is known to be its own', async () => {
  await platform.createStream({ owner: mine } as never, never);
  await platform.openStream(at('made'), never);
  expect(driver.calls).toEqual(['create', 'open made']);
});

test('an owner counts for five minutes, then it is asked for again', async () => {
  await platform.openStream(at('mine'), never);
  driver.owners.set('mine', undefined); // Somebody removed the tag at the platform.
  await clock.advance(300_000);
  expect(await platform.deleteStream(at('mine'), never)).toBe(true);
  expect(driver.calls).not.toContain('delete mine');
});

test('an observation notices at once that the tag was removed', async () => {
  await platform.openStream(at('mine'), never);
  driver.owners.set('mine', undefined);
  expect(await platform.observeStream(at('mine'), never)).toBeUndefined();
  await platform.deleteStream(at('mine'), never);
  expect(driver.calls).not.toContain('delete mine');
});

describe.each(['theirs', 'untagged', 'missing'])('a stream that is %s', (id) => {
  test('is not there for any call, and gets none that has an effect', async () => {
    expect(await platform.openStream(at(id), never)).toBeUndefined();
    expect(await platform.observeStream(at(id), never)).toBeUndefined();
    expect(await platform.rotateKey(at(id), never)).toBeUndefined();
    expect(await platform.deleteStream(at(id), never)).toBe(true);
    await platform.disownStream(at(id), never);
    await expect(platform.signPlayback(at(id), grant, never)).rejects.toMatchObject({
      reason: 'InvalidConfiguration',
    });
    expect(new Set(driver.calls)).toEqual(new Set([`owner of ${id}`, `observe ${id}`]));
  });
});

test.each(['', '..', '../x', 'a/b', 'a b', 'a\r\nb', 'Ä', 'x?y', 'x#y', '%2e'])(
  'what is no ID, like %j, reaches no call',
  async (id) => {
    expect(await platform.openStream(at(id), never)).toBeUndefined();
    expect(await platform.observeStream(at(id), never)).toBeUndefined();
    expect(await platform.rotateKey(at(id), never)).toBeUndefined();
    expect(await platform.deleteStream(at(id), never)).toBe(true);
    await platform.disownStream(at(id), never);
    await expect(platform.signPlayback(at(id), grant, never)).rejects.toThrow('no such stream');
    expect(driver.calls).toEqual([]);
  },
);

test("only the owner's streams are found", async () => {
  expect((await platform.findStreams('lc-1', theirs, never)).map(({ id }) => id)).toEqual(['theirs']);
});

test("what is signed is the platform's own URL", async () => {
  expect(await platform.signPlayback(at('mine'), grant, never)).toBe(
    'https://play.example/mine.m3u8?token=t',
  );
  await platform.signPlayback(at('mine'), grant, never);
  expect(driver.calls.filter((call) => call === 'open mine')).toHaveLength(1);
});

test('a stream that was disowned is not there afterwards', async () => {
  await platform.disownStream(at('mine'), never);
  expect(await platform.openStream(at('mine'), never)).toBeUndefined();
});

test('a created stream whose ID could not be used again is an error, and not created once more in silence', async () => {
  driver.created = 'arn:new/form';
  await expect(platform.createStream({ owner: mine } as never, never)).rejects.toMatchObject({
    reason: 'PlatformUnavailable',
    outcome: 'unknown',
  });
});

test('a signer without credentials refuses what is no ID', async () => {
  const signer = signerOfForm(driver, driver.idForm);
  const playbackUrl = 'https://play.example/mine.m3u8';
  await expect(signer.signPlayback({ id: streamId('../x'), playbackUrl }, grant)).rejects.toThrow();
  expect(driver.calls).toEqual([]);
  expect(await signer.signPlayback({ id: streamId('mine'), playbackUrl }, grant)).toContain('token=t');
});
