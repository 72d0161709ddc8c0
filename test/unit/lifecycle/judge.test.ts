import { beforeEach, expect, test } from '@jest/globals';
import { liveChannelSchema, type LiveChannel } from '../../../src/api/live-channel.ts';
import { streamingPlatformSchema } from '../../../src/api/streaming-platform.ts';
import { ownerTags } from '../../../src/platforms/owner-tags.ts';
import { Diary } from '../../lifecycle/diary.ts';
import { Journal } from '../../lifecycle/journal.ts';
import {
  judge,
  judgeCreates,
  textOf,
  type Seen,
  type SeenStream,
  type Setting,
} from '../../lifecycle/judge.ts';
import type { StandIn } from '../../lifecycle/stand-in.ts';

const platforms = { home: 'home', away: 'away', twin: 'twin' };
const uid = '6f1d0c1e-0000-4000-8000-000000000001';

const stream = (id: string, tags: Record<string, string> = {}): SeenStream => ({
  ...{ id, name: `name-of-${id}`, tags, live: false, provider: 'ivs' },
  ...{ ingestUrl: 'rtmps://ingest/app/', streamKey: 'key' },
});
const own = (id: string, channelUid = uid): SeenStream =>
  stream(id, ownerTags({ clusterId: 'us', platform: 'home', channelUid, channel: 'round/c7' }));
const foreign = stream('foreign', { team: 'other' });

let diary: Diary;
let journal: Journal;
let setting: Setting;
beforeEach(() => {
  diary = new Diary({ number: 7, steps: [] }, 'round');
  journal = new Journal();
  const standIn = { provider: 'ivs', journal } as Partial<StandIn> as StandIn; // No other property is used.
  setting = {
    ...{ clusterId: 'us', platforms, standIns: { home: standIn, away: standIn, twin: standIn } },
    foreign: new Map([[foreign.id, textOf(foreign)]]),
  };
});

function seen(
  difference: Partial<Seen> = {},
  orphanPolicy: 'Report' | 'Delete' = 'Delete',
  orphans = 0,
): Seen {
  const home = streamingPlatformSchema.parse({
    apiVersion: 'livechannel.dev/v1alpha1',
    kind: 'StreamingPlatform',
    metadata: { name: 'home', uid: 'platform' },
    spec: {
      provider: 'origin',
      origin: { controlUrl: 'http://origin' },
      credentialsRef: { namespace: 'default', name: 'home' },
      orphanPolicy,
    },
    status: {
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'CredentialsVerified',
          message: '',
          lastTransitionTime: '2026-03-01T12:00:00Z',
        },
      ],
      orphanedStreams: orphans,
    },
  });
  return { channels: [], pods: [], secrets: [], platforms: [home], streams: [foreign], ...difference };
}

function channel(): LiveChannel {
  return liveChannelSchema.parse({
    apiVersion: 'livechannel.dev/v1alpha1',
    kind: 'LiveChannel',
    metadata: { name: 'c7', namespace: 'round', uid, generation: 1 },
    spec: { agora: { credentialsRef: { name: 'agora' } } },
  });
}

const kinds = (what: Seen): string[] => judge([diary], what, setting).map(({ kind }) => kind);

test('nothing is wrong if no stream is left', () => {
  expect(judge([diary], seen(), setting)).toEqual([]);
});

test('a stream whose channel is gone is a leak', () => {
  diary.life(uid);
  expect(kinds(seen({ streams: [foreign, own('a')] }))).toEqual(['leak']);
});

test('a stream with a lost record must be reported, if it must not be deleted', () => {
  diary.life(uid).tampered = true;
  const streams = [foreign, own('a')];
  expect(kinds(seen({ streams }, 'Report', 1))).toEqual([]);
  expect(kinds(seen({ streams }, 'Report', 0))).toEqual(['state']);
  expect(kinds(seen({ streams }, 'Delete', 0))).toEqual(['leak']);
});

test('a channel with two streams has a duplicate', () => {
  diary.life(uid);
  diary.wish = {
    ...{
      mode: 'hybrid',
      suspend: false,
      platform: 'home',
      fallbackPlatform: undefined,
      fallbackToAgora: false,
    },
    ...{ maxResolution: '1080p', priority: 0, deletionPolicy: 'Delete' },
    playback: { latency: 'standard', access: 'public', recording: 'off' },
  };
  expect(kinds(seen({ channels: [channel()], streams: [foreign, own('a'), own('b')] }))).toContain('double');
});

test('a second stream of one name is a duplicate, even if it was deleted since', () => {
  diary.life(uid);
  const [first, second] = [
    { id: 'a', name: 'same' },
    { id: 'b', name: 'same' },
  ];
  journal.gave(journal.add('create', `for ${uid}`), 'a', [first]);
  expect(judgeCreates([diary], { ...setting, standIns: only(journal) })).toEqual([]);
  journal.gave(journal.add('create', `for ${uid}`), 'b', [first, second]);
  expect(judgeCreates([diary], { ...setting, standIns: only(journal) })).toHaveLength(1);
});

test('a stream that was disowned without request is a leak', () => {
  diary.life(uid).end = { retain: false, hasOne: true, records: [] };
  journal.gave(journal.add('create', `for ${uid}`), 'a', []);
  expect(kinds(seen({ streams: [foreign, stream('a')] }))).toEqual(['leak']);
});

test('a stream that is to be retained must exist', () => {
  const record = { platform: 'home', name: 'n', id: 'a', attempt: 'x', since: '', role: 'active' } as const;
  diary.life(uid).end = { retain: true, hasOne: true, records: [record] };
  journal.gave(journal.add('create', `for ${uid}`), 'a', []);
  expect(kinds(seen())).toEqual(['state']);
  expect(kinds(seen({ streams: [foreign, stream('a')] }))).toEqual([]);
});

test('a foreign stream that was changed or deleted was touched', () => {
  expect(kinds(seen({ streams: [{ ...foreign, streamKey: 'another' }] }))).toEqual(['foreign']);
  expect(kinds(seen({ streams: [] }))).toEqual(['foreign']);
});

/** `away` is on another account. */
function only(home: Journal): Setting['standIns'] {
  const { standIns } = setting;
  return {
    ...standIns,
    home: { ...standIns.home, journal: home },
    away: { ...standIns.away, journal: new Journal() },
  };
}
