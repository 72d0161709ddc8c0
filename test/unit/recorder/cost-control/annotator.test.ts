import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { annotations } from '../../../../src/api/names.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { silentLogger } from '../../../../src/base/logger.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { Annotator } from '../../../../src/recorder/cost-control/annotator.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';

const channel = (uid: string): LiveChannel => aChannel({ metadata: { uid, name: uid } });
const annotated = (its: Record<string, string>): LiveChannel => aChannel({ metadata: { annotations: its } });

let clock: FakeClock;
let patches: unknown[];
/** Uids of the channels that were tried. */
let tried: string[];
let refuses: (uid: string) => boolean;
let annotator: Annotator;
let stop: AbortController;
let running: Promise<void>;
beforeEach(() => {
  clock = new FakeClock();
  patches = [];
  tried = [];
  refuses = () => false;
  const client = {
    patchMerge: async (
      _type: unknown,
      _ref: unknown,
      patch: { readonly metadata: { readonly uid: string } },
    ) => {
      tried.push(patch.metadata.uid);
      if (refuses(patch.metadata.uid)) throw new Error('metadata.annotations: Too long');
      patches.push(patch);
      return aChannel();
    },
  };
  annotator = new Annotator(
    client as unknown as Pick<KubeClient, 'patchMerge'>,
    { apiVersion: 'v1', kind: 'LiveChannel', plural: 'livechannels', namespaced: true },
    { clock, logger: silentLogger, random: () => 0 },
  );
  stop = new AbortController();
  running = annotator.run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await running;
});
/** Lets the writes that are due end. */
const settled = (): Promise<void> => clock.advance(0);

test('an annotation with the desired value is not written', async () => {
  annotator.annotate(annotated({ [annotations.mode]: 'a' }), {
    [annotations.mode]: 'a',
    [annotations.budget]: null,
  });
  await settled();
  expect(patches).toEqual([]);
});

test('a desired value is written once, for the uid of the channel, until the cache shows it', async () => {
  for (let round = 0; round < 3; round += 1) {
    annotator.annotate(aChannel(), { [annotations.mode]: 'a', [annotations.budget]: null });
    await settled();
  }
  expect(patches).toEqual([{ metadata: { uid: 'channel-uid', annotations: { [annotations.mode]: 'a' } } }]);
  annotator.annotate(annotated({ [annotations.mode]: 'a' }), { [annotations.mode]: 'a' });
  annotator.annotate(annotated({ [annotations.mode]: 'a' }), { [annotations.mode]: 'b' });
  await settled();
  expect(patches).toHaveLength(2);
});

test('an annotation that was removed is written again', async () => {
  annotator.annotate(aChannel(), { [annotations.mode]: 'a' });
  await settled();
  await clock.advance(31_000);
  annotator.annotate(aChannel(), { [annotations.mode]: 'a' });
  await settled();
  expect(patches).toHaveLength(2);
});

test('a failed write is retried, with the latest desired value', async () => {
  refuses = () => true;
  annotator.annotate(aChannel(), { [annotations.mode]: 'a' });
  await settled();
  expect(tried).toHaveLength(1);
  refuses = () => false;
  annotator.annotate(aChannel(), { [annotations.mode]: 'b' });
  await clock.advance(500);
  expect(patches).toMatchObject([{ metadata: { annotations: { [annotations.mode]: 'b' } } }]);
});

test('channels to which every write is refused, however many, delay no other channel', async () => {
  refuses = (uid) => uid.startsWith('full');
  const full = Array.from({ length: 100 }, (_, at) => channel(`full-${String(at)}`));
  for (const each of full) annotator.annotate(each, { [annotations.budget]: 'a' });
  for (let at = 0; at < 20; at += 1)
    annotator.annotate(channel(`good-${String(at)}`), { [annotations.budget]: 'a' });
  await settled();
  expect(patches).toHaveLength(20);
  // Desired again with every sample, and with another value: tried at the pace of the back-off all the same.
  for (let second = 0; second < 60; second += 1) {
    for (const each of full) annotator.annotate(each, { [annotations.budget]: String(second) });
    await clock.advance(1_000);
  }
  const tries = tried.filter((uid) => uid === 'full-0').length;
  expect(tries).toBeGreaterThan(4);
  expect(tries).toBeLessThan(10);
});

test('a channel that is gone is not written', async () => {
  refuses = () => true;
  annotator.annotate(channel('gone'), { [annotations.mode]: 'a' });
  await settled();
  annotator.forget(channel('gone'));
  await clock.advance(60_000);
  expect(tried).toEqual(['gone']);
});
