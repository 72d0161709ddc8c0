import { describe, expect, test } from '@jest/globals';
import type { KubeClient } from '../../../src/kube/client.ts';
import { ApiError, ConnectionError } from '../../../src/kube/errors.ts';
import { EventRecorder } from '../../../src/kube/events.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { KubeObject } from '../../../src/kube/resource.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';

const widget: KubeObject = {
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'w', namespace: 'n', uid: 'uid-w' },
};

/** A recorder whose server answers with `answer`. */
function setUp(answer: (verb: 'create' | 'patch', count: number) => unknown = () => undefined) {
  const clock = new FakeClock();
  const sent: { verb: string; body: Record<string, unknown> }[] = [];
  const take = async (verb: 'create' | 'patch', body: Record<string, unknown>): Promise<void> => {
    sent.push({ verb, body });
    const error = answer(verb, sent.length);
    if (error !== undefined) throw error as Error;
  };
  const client = {
    create: (_: unknown, body: Record<string, unknown>) => take('create', body),
    patchMerge: (_: unknown, __: unknown, body: Record<string, unknown>) => take('patch', body),
  } as unknown as KubeClient; // The part of a client that the recorder uses.
  const recorder = new EventRecorder({
    client,
    clock,
    random: () => 0,
    logger: silentLogger,
    component: 'op',
    instance: 'op-0',
  });
  return { clock, recorder, sent };
}

describe('an event recorder', () => {
  test('writes events as kubectl shows them', async () => {
    const { recorder, sent, clock } = setUp();
    recorder.event(widget, 'Warning', 'TooSmall', 'x'.repeat(2_000));
    await clock.advance(0);
    expect(sent).toMatchObject([
      {
        verb: 'create',
        body: {
          metadata: { namespace: 'n' },
          involvedObject: { kind: 'Widget', name: 'w', namespace: 'n', uid: 'uid-w' },
          type: 'Warning',
          reason: 'TooSmall',
          count: 1,
          firstTimestamp: '2026-01-01T00:00:00Z',
          source: { component: 'op', host: 'op-0' },
        },
      },
    ]);
    expect(String(sent[0]?.body['message'])).toHaveLength(1_024);
  });

  test('writes events of cluster-scoped objects in the default namespace', async () => {
    const { recorder, sent, clock } = setUp();
    recorder.event({ ...widget, metadata: { name: 'w', uid: 'u' } }, 'Normal', 'Made', '');
    await clock.advance(0);
    expect(sent[0]?.body['metadata']).toMatchObject({ namespace: 'default' });
  });

  test('counts repeats, and creates a new event when the server has deleted the old one', async () => {
    let forgotten = false;
    const gone = new ApiError('patch', { status: 404, reason: 'NotFound' });
    const { recorder, sent, clock } = setUp((verb) => (verb === 'patch' && forgotten ? gone : undefined));
    recorder.event(widget, 'Normal', 'Made', 'it');
    recorder.event(widget, 'Normal', 'Made', 'it');
    await clock.advance(0);
    forgotten = true;
    recorder.event(widget, 'Normal', 'Made', 'it');
    await clock.advance(0);
    expect(sent.map(({ verb, body }) => [verb, body['count']])).toEqual([
      ['create', 1],
      ['patch', 2],
      ['patch', 3],
      ['create', 3],
    ]);
  });

  test('retries when the server does not answer, and gives up eventually', async () => {
    const { recorder, sent, clock } = setUp(() => new ConnectionError('down'));
    recorder.event(widget, 'Normal', 'Made', 'it');
    await clock.advance(60_000);
    expect(sent).toHaveLength(4);
  });

  test('does not retry a refused event', async () => {
    const { recorder, sent, clock } = setUp(
      () => new ApiError('create', { status: 403, reason: 'Forbidden' }),
    );
    recorder.event(widget, 'Normal', 'Made', 'it');
    await clock.advance(60_000);
    expect(sent).toHaveLength(1);
  });

  test('writes pending events when it is stopped, and accepts no more', async () => {
    const { recorder, sent } = setUp();
    recorder.event(widget, 'Normal', 'Made', 'one');
    recorder.event(widget, 'Normal', 'Made', 'two');
    await recorder.stop(new AbortController().signal);
    recorder.event(widget, 'Normal', 'Made', 'three');
    expect(sent.map(({ body }) => body['message'])).toEqual(['one', 'two']);
  });

  test('drops pending events when it must not wait', async () => {
    const { recorder } = setUp(() => new ConnectionError('down'));
    recorder.event(widget, 'Normal', 'Made', 'one');
    await recorder.stop(AbortSignal.abort());
  });
});
