import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { channelIdOf } from '../../../../../src/api/channel-id.ts';
import type { LiveChannel } from '../../../../../src/api/live-channel.ts';
import { annotations } from '../../../../../src/api/names.ts';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import type { Change } from '../../../../../src/kube/reflector.ts';
import type { ServerEvent } from '../../../../../src/server/contract/events.ts';
import { EventHistory } from '../../../../../src/server/services/events/event-history.ts';
import { EventHub } from '../../../../../src/server/services/events/event-hub.ts';
import { isAfter, positionOf } from '../../../../../src/api/event-id.ts';
import { modeNews } from '../../../../../src/channel/views/mode-news.ts';
import { aCachedChannel } from '../../../../support/server/cached-channel.ts';

/** The cache that a hub subscribes to, changed by the test. */
class Cluster {
  readonly channels = new Map<string, LiveChannel>();
  readonly hub: EventHub;
  readonly cut: number[] = [];
  viewers = new Map<string, number>();
  #notify: (change: Change<LiveChannel>) => void = () => {};
  #count: (ids: readonly string[]) => void = () => {};
  #version = 100;

  constructor(mostSubscribers = 10_000, names: readonly string[] = []) {
    for (const name of names) this.channels.set(name, aCachedChannel(name));
    const { channels } = this;
    this.hub = new EventHub({
      cache: {
        channel: (id) => channels.get(id),
        *channelsAfter() {
          yield* channels.values();
        },
        subscribe: (subscriber) => {
          this.#notify = subscriber;
          for (const object of channels.values()) subscriber({ type: 'added', object, initial: true });
          return () => {};
        },
      },
      numbers: {
        of: (id) => {
          const hlsViewers = this.viewers.get(id);
          if (hlsViewers === undefined) return undefined;
          const unknown = { agoraViewers: undefined, bitrateKbps: undefined, relayHealth: undefined };
          return {
            namespace: 'shop',
            channelId: id,
            at: new Date(),
            ...unknown,
            hlsViewers,
            relayStatus: undefined,
            platform: undefined,
            afterGap: false,
          };
        },
        subscribe: (subscriber) => {
          this.#count = subscriber;
          return () => {};
        },
      },
      clock: new FakeClock(),
      mostSubscribers,
      onCut: () => this.cut.push(1),
    });
  }

  put(name: string, difference: Parameters<typeof aCachedChannel>[1] = {}): void {
    this.#version += 1;
    const previous = this.channels.get(name);
    const object = aCachedChannel(name, {
      ...difference,
      metadata: { resourceVersion: String(this.#version) },
    });
    this.channels.set(name, object);
    this.#notify({ type: previous === undefined ? 'added' : 'updated', object, previous, initial: false });
  }

  remove(name: string, unseen = false): void {
    const object = this.channels.get(name) ?? aCachedChannel(name);
    this.channels.delete(name);
    this.#version += 1;
    const metadata = { ...object.metadata, resourceVersion: String(unseen ? 1 : this.#version) };
    this.#notify({ type: 'deleted', object: { ...object, metadata }, initial: false, unseen });
  }

  count(name: string, viewers: number): void {
    this.viewers.set(name, viewers);
    this.#count([name]);
  }

  /** The events until there are no more. */
  async received(
    id: string | undefined,
    last: string | undefined,
    meanwhile = (): void => {},
  ): Promise<ServerEvent[]> {
    const stop = new AbortController();
    const events: ServerEvent[] = [];
    const reading = (async () => {
      for await (const event of this.hub.subscribe(id, last, stop.signal)) events.push(event);
    })();
    await turn();
    meanwhile();
    await turn();
    stop.abort();
    await reading;
    return events;
  }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const types = (events: readonly ServerEvent[]): string[] => events.map(({ type }) => type);
const subscribe = (hub: EventHub, id?: string): AsyncIterable<ServerEvent> =>
  hub.subscribe(id, undefined, new AbortController().signal);

describe('a subscriber', () => {
  test('receives the state, then each visible change, then the end', async () => {
    const cluster = new Cluster(10, ['a', 'b']);
    const events = await cluster.received('a', undefined, () => {
      cluster.put('a', { status: { health: 'poor' } });
      cluster.put('a', { status: { health: 'poor' }, annotations: { 'livechannel.dev/streams': 'x' } }); // Not visible.
      cluster.put('b');
      cluster.remove('a');
    });
    expect(types(events)).toEqual(['snapshot', 'status', 'ended']);
  });

  test('receives changed metrics, which change no resource', async () => {
    const cluster = new Cluster(10, ['a']);
    const events = await cluster.received('a', undefined, () => cluster.count('a', 7));
    expect(events[1]).toMatchObject({ type: 'status', channel: { relay: { viewerCount: 7 } } });
  });

  test('shares the event object with all others, so that it is serialized once', async () => {
    const cluster = new Cluster(10, ['a']);
    const [one, other] = await Promise.all([
      cluster.received('a', undefined, () => cluster.put('a', { status: { health: 'poor' } })),
      cluster.received(undefined, undefined),
    ]);
    expect(one[1]).toBe(other[1]);
  });

  test('is disconnected with a reason if it does not read, and others are not', async () => {
    const cluster = new Cluster(10, ['a']);
    const slow = subscribe(cluster.hub, 'a')[Symbol.asyncIterator]();
    const brisk = subscribe(cluster.hub, 'a')[Symbol.asyncIterator]();
    await brisk.next();
    for (let change = 0; change < 600; change++) {
      cluster.put('a', { status: { health: change % 2 === 0 ? 'poor' : 'good' } });
      await brisk.next();
    }
    expect(cluster.cut).toHaveLength(1);
    expect(cluster.hub.subscribers).toBe(1);
    await expect(slow.next().then(() => slow.next())).rejects.toMatchObject({ code: 'subscriber-too-slow' });
  });

  test('is refused beyond the limit, and admitted when another leaves', async () => {
    const cluster = new Cluster(1, ['a']);
    const stop = new AbortController();
    cluster.hub.subscribe('a', undefined, stop.signal);
    expect(() => subscribe(cluster.hub, 'a')).toThrow(
      expect.objectContaining({ code: 'too-many-subscribers' }),
    );
    stop.abort(); // Before it has read anything.
    expect(cluster.hub.subscribers).toBe(0);
    await cluster.received('a', undefined);
  });

  test('ends with the hub', async () => {
    const cluster = new Cluster(10, ['a']);
    const reading = Promise.all(
      [undefined, 'a'].map(async (id) => {
        for await (const _ of subscribe(cluster.hub, id));
      }),
    );
    await turn();
    cluster.hub[Symbol.dispose]();
    await reading;
    expect(cluster.hub.subscribers).toBe(0);
  });
});

describe('a returning subscriber', () => {
  test('receives missed events and no snapshot, or a snapshot if it is too late', async () => {
    const cluster = new Cluster(10, ['a', 'b']);
    cluster.put('a', { status: { health: 'poor' } });
    const [snapshot] = await cluster.received('a', undefined);
    cluster.put('a', { status: { health: 'fair' } });
    cluster.put('b', { status: { health: 'fair' } });
    cluster.put('a', { status: { health: 'good' } });
    const missed = await cluster.received('a', snapshot?.id);
    expect(missed).toMatchObject([{ type: 'status', channel: { id: 'a', relay: { health: 'good' } } }]); // Only the latest.
    expect(await cluster.received('a', missed[0]?.id)).toEqual([]);
    for (const unknown of ['0', '1-1', 'nonsense', undefined])
      expect(types(await cluster.received('a', unknown))).toEqual(['snapshot']);
  });

  test('receives the end of a channel that was deleted meanwhile', async () => {
    const cluster = new Cluster(10, ['a']);
    cluster.put('a', { status: { health: 'poor' } });
    const [snapshot] = await cluster.received('a', undefined);
    cluster.remove('a', true);
    expect(types(await cluster.received('a', snapshot?.id))).toEqual(['ended']);
    expect(() => subscribe(cluster.hub, 'a')).toThrow(expect.objectContaining({ code: 'channel-not-found' }));
  });

  test('misses no event, wherever it left off', () => {
    const change = fc.record({ name: fc.constantFrom('a', 'b', 'c'), gone: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 60 }), fc.nat(), (changes, where) => {
        const history = new EventHistory(10);
        const all = changes.map(({ name, gone }, index) => {
          const position = { version: 100 + index, part: 1 };
          const event: ServerEvent = gone
            ? { type: 'ended', id: `${String(100 + index)}-1`, channelId: name }
            : { type: 'status', id: `${String(100 + index)}-1`, channel: { id: name } as never };
          history.add({ position, channelId: name, event });
          return { position, name, event };
        });
        const left = all[where % all.length];
        const expected = left === undefined ? undefined : history.after(left.position, undefined);
        if (left === undefined || expected === undefined) return; // Everything is sent again.
        for (const name of ['a', 'b', 'c'])
          for (const type of ['status', 'ended']) {
            const missed = all.filter(
              (each) =>
                each.name === name && each.event.type === type && isAfter(each.position, left.position),
            );
            const last = missed.at(-1);
            if (last !== undefined) expect(expected).toContain(last.event);
          }
        const order = expected.map(({ id }) => positionOf(id)?.version ?? 0);
        expect(order).toEqual(order.toSorted((x, y) => x - y));
      }),
    );
  });
});

describe('mode events', () => {
  const now = new Date('2026-01-01T12:00:00Z');
  const chosen = (mode: string, at: string): Record<string, string> => ({
    [annotations.mode]: JSON.stringify({
      channel: 'uid-of-a',
      mode,
      decidedAt: '2026-01-01T11:59:00Z',
      at,
      reason: mode === 'hybrid' ? 'CheaperOnHls' : 'CheaperOnAgora',
      message: 'by cost',
    }),
  });
  const auto = { spec: { streamMode: 'auto' } };
  const hybrid = aCachedChannel('a', auto);
  const going = aCachedChannel('a', { ...auto, annotations: chosen('agora-only', '2026-01-01T12:00:30Z') });
  const gone = aCachedChannel('a', {
    ...auto,
    annotations: chosen('agora-only', '2026-01-01T12:00:30Z'),
    status: { effectiveStreamMode: 'agora-only' },
  });
  const coming = aCachedChannel('a', {
    ...auto,
    annotations: chosen('hybrid', '2026-01-01T12:10:00Z'),
    status: { effectiveStreamMode: 'agora-only' },
  });
  const back = aCachedChannel('a', { ...auto, annotations: chosen('hybrid', '2026-01-01T12:10:00Z') });

  test.each([
    [
      'the decision for Agora',
      hybrid,
      going,
      { mode: 'agora-only', at: '2026-01-01T12:00:30.000Z', message: 'by cost' },
    ],
    ['an unchanged decision', going, going, undefined],
    ['the decision takes effect', going, gone, undefined],
    ['the decision for HLS, which cannot be played yet', gone, coming, undefined],
    ['HLS can be played', coming, back, { mode: 'hybrid', at: now.toISOString() }],
    ['a new subscriber, before the decision takes effect', undefined, going, { mode: 'agora-only' }],
    ['a new subscriber, after the decision took effect', undefined, gone, undefined],
    [
      'a copied annotation of another channel',
      hybrid,
      aCachedChannel('b', { ...auto, annotations: chosen('agora-only', '2026-01-01T12:00:30Z') }),
      undefined,
    ],
    [
      'a fallback to Agora',
      hybrid,
      aCachedChannel('a', {
        status: {
          effectiveStreamMode: 'agora-only',
          conditions: [
            {
              type: 'FallbackActive',
              status: 'True',
              reason: 'FallbackAgora',
              message: 'No relay works.',
              lastTransitionTime: '2026-01-01T12:00:00Z',
            },
          ],
        },
      }),
      { mode: 'agora-only', message: 'No relay works.' },
    ],
  ])('%s', (_what, previous, channel, expected) => {
    const event = modeNews(previous, channel, now);
    if (expected === undefined) expect(event).toBeUndefined();
    else expect(event).toMatchObject(expected);
  });
});

test('the ids of the examples are their names', () => {
  expect(channelIdOf(aCachedChannel('a').metadata)).toBe('a');
});
