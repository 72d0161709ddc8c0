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

test('a relay is polled at its pod’s address, also with IPv6', async () => {
  answers('http://10.0.0.5:8080', 200, aReport());
  answers('http://[fd00::5]:8080', 200, aReport({ health: 'poor' }));
  expect(await ask()).toEqual(aReport());
  expect(await ask(aPod({ ip: 'fd00::5', uid: 'pod-2' }))).toEqual(aReport({ health: 'poor' }));
});

describe('there is no report', () => {
  test.each([
    ['from a pod that does not run', aPod({ running: false })],
    ['from a pod without an address', aPod({ ip: undefined })],
    ['from a pod that is being deleted', aPod({ deleting: true })],
    ['from a relay that does not answer', aPod()],
  ])('%s', async (_, pod) => {
    expect(await ask(pod)).toBeUndefined();
  });

  test.each<[string, number, unknown]>([
    ['an error', 503, aReport()],
    ['an invalid report', 200, { state: 'live' }],
    ['a reason of another version', 200, { ...aReport(), reason: 'Sulking' }],
  ])('from a relay that answers with %s', async (_, status, body) => {
    answers('http://10.0.0.5:8080', status, body);
    expect(await ask()).toBeUndefined();
  });
});

describe('a missing answer', () => {
  beforeEach(async () => {
    answers('http://10.0.0.5:8080', 200, aReport());
    await ask();
  });

  test('is ignored for ten seconds, while the pod is ready', async () => {
    await clock.advance(9_999);
    expect(await ask()).toEqual(aReport());
    await clock.advance(1);
    expect(await ask()).toBeUndefined();
  });

  test('counts when the pod is not ready, replaced, or gone', async () => {
    expect(await ask(aPod({ ready: false }))).toBeUndefined();
    expect(await ask(aPod({ uid: 'pod-2' }))).toBeUndefined();
    reports.forget('pod-1');
    expect(await ask()).toBeUndefined();
  });
});

describe('a polled relay', () => {
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

  test('hangs if it accepts connections and has not answered for 3 s', async () => {
    await listen();
    await poll(1);
    expect(reports.isFrozen(local)).toBe(false);
    await poll(1);
    expect(reports.isFrozen(local)).toBe(true);
    server?.on('request', (_, response: ServerResponse) => response.end(JSON.stringify(aReport())));
    await poll(1);
    expect(reports.isFrozen(local)).toBe(false);
  });

  test('does not hang if connections fail, which is a fault of the network', async () => {
    await poll(4);
    expect(reports.isFrozen(local)).toBe(false);
    expect(reports.silence(local).ms).toBeGreaterThan(3_000);
  });

  test('does not hang if it answers with an invalid report', async () => {
    await listen();
    server?.on('request', (_, response: ServerResponse) => response.writeHead(403).end());
    await poll(4);
    expect(reports.isFrozen(local)).toBe(false);
  });

  test('has no report once it hangs, even while the pod is ready', async () => {
    await listen();
    server?.once('request', (_, response: ServerResponse) => response.end(JSON.stringify(aReport())));
    await poll(1);
    expect(await reports.of(local, never)).toEqual(aReport());
    await poll(3);
    expect(await reports.of(local, never)).toBeUndefined();
  });
});

describe('a relay that is polled several times a second', () => {
  const silent = (): boolean => reports.silence(aPod()).silent;
  beforeEach(async () => {
    reports.watchClosely('pod-1', true);
    answers('http://10.0.0.5:8080', 200, aReport());
    await reports.poll(aPod(), 350, never);
  });

  test('is not polled again while its last answer is recent', async () => {
    await clock.advance(699);
    expect(await ask()).toEqual(aReport());
    expect(silent()).toBe(false);
  });

  test('is silent after two polls without an answer, whatever the kubelet reports', async () => {
    await reports.poll(aPod(), 350, never);
    expect(silent()).toBe(false);
    expect(await ask()).toEqual(aReport());
    await reports.poll(aPod(), 350, never);
    expect(silent()).toBe(true);
    expect(await ask()).toBeUndefined();
  });

  test('is no longer silent once it answers', async () => {
    await reports.poll(aPod(), 350, never);
    await reports.poll(aPod(), 350, never);
    answers('http://10.0.0.5:8080', 200, aReport({ standby: true }));
    await reports.poll(aPod(), 350, never);
    expect(silent()).toBe(false);
    expect(await ask()).toMatchObject({ standby: true });
  });

  test('is polled again after a command', async () => {
    reports.outdated('pod-1');
    answers('http://10.0.0.5:8080', 200, aReport({ standby: true }));
    expect(await ask()).toMatchObject({ standby: true });
  });

  test('is given time for its first answer', async () => {
    const another = aPod({ uid: 'pod-2' });
    reports.watchClosely('pod-2', true);
    await reports.poll(another, 350, never);
    await reports.poll(another, 350, never);
    expect(reports.silence(another).silent).toBe(false);
    await clock.advance(5_001);
    expect(reports.silence(another)).toEqual({ silent: true, ms: 5_001 });
  });

  test('is never silent if it is not polled that often', async () => {
    await reports.poll(aPod(), 350, never);
    await reports.poll(aPod(), 350, never);
    reports.watchClosely('pod-1', false);
    await clock.advance(6_000);
    expect(reports.silence(aPod())).toEqual({ silent: false, ms: 6_000 });
  });
});

test('a relay whose answer has no end has no report, and fills no memory', async () => {
  let written = 0;
  const endless = createServer((_, response) => {
    const more = (): void => {
      while (!response.destroyed && written < 256 * 1024 * 1024) {
        written += 64 * 1024;
        if (!response.write(Buffer.alloc(64 * 1024, ' '))) return;
      }
    };
    response.on('drain', more);
    more();
  });
  network.enableNetConnect();
  endless.listen(ports.http, '127.66.7.4');
  await once(endless, 'listening');
  expect(await reports.poll(aPod({ ip: '127.66.7.4' }), 5_000, never)).toBeUndefined();
  expect(written).toBeLessThan(64 * 1024 * 1024);
  endless.closeAllConnections();
  endless.close();
});
