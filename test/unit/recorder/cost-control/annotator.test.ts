import { beforeEach, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../../src/api/live-channel.ts';
import { annotations } from '../../../../src/api/names.ts';
import type { KubeClient } from '../../../../src/kube/client.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { Annotator } from '../../../../src/recorder/cost-control/annotator.ts';
import { aChannel } from '../../../support/channel/channel-examples.ts';

const annotated = (its: Record<string, string>): LiveChannel => aChannel({ metadata: { annotations: its } });

let clock: FakeClock;
let patches: unknown[];
let failure: Error | undefined;
let annotator: Annotator;
beforeEach(() => {
  clock = new FakeClock();
  patches = [];
  failure = undefined;
  const client = {
    patchMerge: async (_type: unknown, _ref: unknown, patch: object) => {
      if (failure !== undefined) throw failure;
      patches.push(patch);
      return aChannel();
    },
  };
  annotator = new Annotator(
    client as unknown as Pick<KubeClient, 'patchMerge'>,
    { apiVersion: 'v1', kind: 'LiveChannel', plural: 'livechannels', namespaced: true },
    clock,
  );
});

test('what is as wished is not written', async () => {
  annotator.annotate(annotated({ [annotations.mode]: 'a' }), {
    [annotations.mode]: 'a',
    [annotations.budget]: null,
  });
  await annotator.run();
  expect(patches).toEqual([]);
});

test('a wish is written once, for that very channel, until the cache shows it', async () => {
  for (let round = 0; round < 3; round += 1) {
    annotator.annotate(aChannel(), { [annotations.mode]: 'a', [annotations.budget]: null });
    await annotator.run();
  }
  expect(patches).toEqual([{ metadata: { uid: 'channel-uid', annotations: { [annotations.mode]: 'a' } } }]);
  annotator.annotate(annotated({ [annotations.mode]: 'a' }), { [annotations.mode]: 'a' });
  annotator.annotate(annotated({ [annotations.mode]: 'a' }), { [annotations.mode]: 'b' });
  await annotator.run();
  expect(patches).toHaveLength(2);
});

test('an annotation that somebody took off comes back', async () => {
  annotator.annotate(aChannel(), { [annotations.mode]: 'a' });
  await annotator.run();
  await clock.advance(31_000);
  annotator.annotate(aChannel(), { [annotations.mode]: 'a' });
  await annotator.run();
  expect(patches).toHaveLength(2);
});

test('a write that failed is tried again, with the newest wish', async () => {
  failure = new Error('the API server does not answer');
  annotator.annotate(aChannel(), { [annotations.mode]: 'a' });
  await expect(annotator.run()).rejects.toThrow('does not answer');
  failure = undefined;
  annotator.annotate(aChannel(), { [annotations.mode]: 'b' });
  await annotator.run();
  expect(patches).toMatchObject([{ metadata: { annotations: { [annotations.mode]: 'b' } } }]);
});
