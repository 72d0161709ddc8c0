import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { getGlobalDispatcher, MockAgent, setGlobalDispatcher, type Dispatcher } from 'undici';
import { ports } from '../../../../src/api/names.ts';
import type { RelayReport } from '../../../../src/api/relay-contract.ts';
import { RelayReports } from '../../../../src/controllers/relays/relay-reports.ts';
import { FakeClock } from '../../../../src/base/testing/fake-clock.ts';
import { aPod, aReport } from '../../../support/channel/channel-examples.ts';
import { never } from '../../../support/platforms/platform-examples.ts';

let before: Dispatcher;
let network: MockAgent;
let clock: FakeClock;
let reports: RelayReports;
beforeEach(() => {
  before = getGlobalDispatcher();
  network = new MockAgent();
  network.disableNetConnect();
  setGlobalDispatcher(network);
  clock = new FakeClock();
  reports = new RelayReports(clock);
});
afterEach(async () => {
  setGlobalDispatcher(before);
  await network.close();
});

const answers = (address: string, status: number, body: unknown): void => {
  network.get(address).intercept({ path: '/status' }).reply(status, JSON.stringify(body));
};
const ask = (pod = aPod()): Promise<RelayReport | undefined> => reports.of(pod, never);

test('a relay is asked at its pod’s address, also one of IPv6', async () => {
  answers('http://10.0.0.5:8080', 200, aReport());
  answers('http://[fd00::5]:8080', 200, aReport({ health: 'poor' }));
  expect(await ask()).toEqual(aReport());
  expect(await ask(aPod({ ip: 'fd00::5', uid: 'pod-2' }))).toEqual(aReport({ health: 'poor' }));
});

describe('no report', () => {
  test.each([
    ['of a pod that does not run', aPod({ running: false })],
    ['of a pod without an address', aPod({ ip: undefined })],
    ['of a pod that is going', aPod({ deleting: true })],
    ['of a relay that does not answer', aPod()],
  ])('%s', async (_, pod) => {
    expect(await ask(pod)).toBeUndefined();
  });

  test.each<[string, number, unknown]>([
    ['an error', 503, aReport()],
    ['something that is no report', 200, { state: 'live' }],
    ['a reason of another version', 200, { ...aReport(), reason: 'Sulking' }],
  ])('of a relay that answers %s', async (_, status, body) => {
    answers('http://10.0.0.5:8080', status, body);
    expect(await ask()).toBeUndefined();
  });
});

describe('an answer that does not come', () => {
  beforeEach(async () => {
    answers('http://10.0.0.5:8080', 200, aReport());
    await ask();
  });

  test('is no news for ten seconds, while the pod is ready', async () => {
    await clock.advance(9_999);
    expect(await ask()).toEqual(aReport());
    await clock.advance(1);
    expect(await ask()).toBeUndefined();
  });

  test('is news when the pod is not ready, another one, or gone', async () => {
    expect(await ask(aPod({ ready: false }))).toBeUndefined();
    expect(await ask(aPod({ uid: 'pod-2' }))).toBeUndefined();
    reports.forget('pod-1');
    expect(await ask()).toBeUndefined();
  });
});

describe('whether a relay hangs', () => {
  /** A relay at its own address on this machine, where a relay's port must be free. */
  const local = aPod({ ip: '127.66.7.3' });
  let server: Server | undefined;
  const listen = async (): Promise<void> => {
    server = createServer();
    server.listen(ports.http, local.ip);
    await once(server, 'listening');
  };
  const poll = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i += 1) {
      await reports.poll(local, 200, never);
      await clock.advance(1_600);
    }
  };
  beforeEach(() => {
    network.enableNetConnect();
  });
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  test('it does if it accepts connections and has not answered for 3 s', async () => {
    await listen();
    await poll(1);
    expect(reports.isFrozen(local)).toBe(false);
    await poll(1);
    expect(reports.isFrozen(local)).toBe(true);
    server?.on('request', (_, response: ServerResponse) => response.end(JSON.stringify(aReport())));
    await poll(1);
    expect(reports.isFrozen(local)).toBe(false);
  });

  test('it does not if connections fail, as they do when the network is at fault', async () => {
    await poll(4);
    expect(reports.isFrozen(local)).toBe(false);
    expect(reports.silence(local).ms).toBeGreaterThan(3_000);
  });

  test('it does not if it answers with something else than a report', async () => {
    await listen();
    server?.on('request', (_, response: ServerResponse) => response.writeHead(403).end());
    await poll(4);
    expect(reports.isFrozen(local)).toBe(false);
  });

  test('its last report is not used for ten seconds, although the pod is ready', async () => {
    await listen();
    server?.once('request', (_, response: ServerResponse) => response.end(JSON.stringify(aReport())));
    await poll(1);
    expect(await reports.of(local, never)).toEqual(aReport());
    await poll(3);
    expect(await reports.of(local, never)).toBeUndefined();
  });
});

describe('a relay that is asked several times a second', () => {
  const silent = (): boolean => reports.silence(aPod()).silent;
  beforeEach(async () => {
    reports.watchClosely('pod-1', true);
    answers('http://10.0.0.5:8080', 200, aReport());
    await reports.poll(aPod(), 350, never);
  });

  test('is not asked once more where its last answer is as good', async () => {
    await clock.advance(699);
    expect(await ask()).toEqual(aReport());
    expect(silent()).toBe(false);
  });

  test('is silent after two questions without an answer, whatever the kubelet says', async () => {
    await reports.poll(aPod(), 350, never);
    expect(silent()).toBe(false);
    expect(await ask()).toEqual(aReport());
    await reports.poll(aPod(), 350, never);
    expect(silent()).toBe(true);
    expect(await ask()).toBeUndefined();
  });

  test('is not silent any more when it answers', async () => {
    await reports.poll(aPod(), 350, never);
    await reports.poll(aPod(), 350, never);
    answers('http://10.0.0.5:8080', 200, aReport({ standby: true }));
    await reports.poll(aPod(), 350, never);
    expect(silent()).toBe(false);
    expect(await ask()).toMatchObject({ standby: true });
  });

  test('is asked anew after it was told something', async () => {
    reports.outdated('pod-1');
    answers('http://10.0.0.5:8080', 200, aReport({ standby: true }));
    expect(await ask()).toMatchObject({ standby: true });
  });

  test('is given time to answer for the first time', async () => {
    const another = aPod({ uid: 'pod-2' });
    reports.watchClosely('pod-2', true);
    await reports.poll(another, 350, never);
    await reports.poll(another, 350, never);
    expect(reports.silence(another).silent).toBe(false);
    await clock.advance(5_001);
    expect(reports.silence(another)).toEqual({ silent: true, ms: 5_001 });
  });

  test('is silent for nobody who does not ask that often', async () => {
    await reports.poll(aPod(), 350, never);
    await reports.poll(aPod(), 350, never);
    reports.watchClosely('pod-1', false);
    await clock.advance(6_000);
    expect(reports.silence(aPod())).toEqual({ silent: false, ms: 6_000 });
  });
});
