import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { whenAborted } from '../../../src/base/abort.ts';
import type { KubeClient } from '../../../src/kube/client.ts';
import type { Lease } from '../../../src/kube/core-types.ts';
import { ApiError, ConnectionError, LeadershipLostError } from '../../../src/kube/errors.ts';
import { LeaderElector, toMicroTime } from '../../../src/kube/leader-election.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';

type LeaseClient = Pick<KubeClient, 'get' | 'create' | 'replace'>;

/** One lease with the server's optimistic locking. */
class LeaseServer {
  lease: Lease | undefined;
  #version = 0;

  /** A connection to it that can be cut. */
  link(): { client: LeaseClient; cut: boolean } {
    const reach = (): void => {
      if (link.cut) throw new ConnectionError('cut');
    };
    const answer = async (act: () => Lease | undefined): Promise<Lease | undefined> => {
      await Promise.resolve();
      reach();
      return act();
    };
    const write = (draft: Pick<Lease, 'spec'>): Lease => {
      this.#version += 1;
      this.lease = {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        metadata: { name: 'lock', namespace: 'ns', uid: 'u', resourceVersion: String(this.#version) },
        ...(draft.spec === undefined ? {} : { spec: draft.spec }),
      };
      return this.lease;
    };
    const client = {
      get: () => answer(() => this.lease),
      create: (_: unknown, draft: Lease) =>
        answer(() => {
          if (this.lease !== undefined)
            throw new ApiError('create', { status: 409, reason: 'AlreadyExists' });
          return write(draft);
        }),
      replace: (_: unknown, draft: Lease) =>
        answer(() => {
          if (draft.metadata.resourceVersion !== this.lease?.metadata.resourceVersion)
            throw new ApiError('replace', { status: 409, reason: 'Conflict' });
          return write(draft);
        }),
    } as unknown as LeaseClient; // A client for leases only.
    const link = { client, cut: false };
    return link;
  }
}

function candidate(server: LeaseServer, clock: FakeClock, identity: string) {
  const link = server.link();
  const elector = new LeaderElector(
    { leaseName: 'lock', namespace: 'ns', identity },
    { client: link.client, clock, random: () => 0.5, logger: silentLogger },
  );
  const stop = new AbortController();
  const state = { leads: false, error: undefined as unknown };
  const ended = elector
    .run(async (lost) => {
      state.leads = true;
      await Promise.race([whenAborted(lost), whenAborted(stop.signal)]);
      state.leads = false;
    }, stop.signal)
    .catch((error: unknown) => {
      state.error = error;
    });
  return { elector, link, stop, state, ended };
}

describe('leader election', () => {
  test('the first candidate leads and the second waits', async () => {
    const [server, clock] = [new LeaseServer(), new FakeClock()];
    const a = candidate(server, clock, 'a');
    await clock.advance(100);
    const b = candidate(server, clock, 'b');
    await clock.advance(60_000);
    expect([a.state.leads, b.state.leads]).toEqual([true, false]);
    expect(b.elector.holder).toBe('a');
    expect(server.lease?.spec).toMatchObject({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
    });
    expect(server.lease?.spec?.renewTime).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  test('a leader that stops releases the lease, and the second leads at its next attempt', async () => {
    const [server, clock] = [new LeaseServer(), new FakeClock()];
    const a = candidate(server, clock, 'a');
    await clock.advance(100);
    const b = candidate(server, clock, 'b');
    await clock.advance(5_000);
    a.stop.abort();
    await a.ended;
    expect(server.lease?.spec?.holderIdentity).toBeUndefined();
    await clock.advance(2_500);
    expect(b.state.leads).toBe(true);
    expect(server.lease?.spec?.leaseTransitions).toBe(1);
  });

  test('a leader that cannot renew stops after 10 s, the second leads after 15 s, and there are never two leaders', async () => {
    const [server, clock] = [new LeaseServer(), new FakeClock()];
    const a = candidate(server, clock, 'a');
    await clock.advance(100);
    const b = candidate(server, clock, 'b');
    await clock.advance(5_000);
    a.link.cut = true;
    let together = false;
    for (let ms = 0; ms < 9_000; ms += 250) await clock.advance(250);
    expect(a.state.leads || a.state.error !== undefined).toBe(true);
    for (let ms = 0; ms < 12_000; ms += 250) {
      await clock.advance(250);
      together ||= a.state.leads && b.state.leads;
    }
    expect(together).toBe(false);
    expect(a.state.error).toBeInstanceOf(LeadershipLostError);
    expect(b.state.leads).toBe(true);
  });

  test('a short outage changes nothing', async () => {
    const [server, clock] = [new LeaseServer(), new FakeClock()];
    const a = candidate(server, clock, 'a');
    await clock.advance(5_000);
    a.link.cut = true;
    await clock.advance(7_000);
    a.link.cut = false;
    await clock.advance(30_000);
    expect(a.state.leads).toBe(true);
  });

  test('expiry is measured from the last observed renewal, not from the times in the lease', async () => {
    const [server, clock] = [new LeaseServer(), new FakeClock()];
    await server.link().client.create(
      {} as never,
      {
        metadata: { name: 'lock' },
        spec: { holderIdentity: 'gone', leaseDurationSeconds: 15, renewTime: '2001-01-01T00:00:00.000000Z' },
      } as never,
    );
    const b = candidate(server, clock, 'b');
    await clock.advance(14_000);
    expect(b.state.leads).toBe(false);
    await clock.advance(4_000);
    expect(b.state.leads).toBe(true);
  });

  test('a leader stops when the lease has another holder', async () => {
    const [server, clock] = [new LeaseServer(), new FakeClock()];
    const a = candidate(server, clock, 'a');
    await clock.advance(1_000);
    const { metadata } = server.lease ?? { metadata: undefined };
    await server
      .link()
      .client.replace(
        {} as never,
        { metadata, spec: { holderIdentity: 'thief', leaseDurationSeconds: 15 } } as never,
      );
    await clock.advance(2_100);
    expect(a.state.leads).toBe(false);
    expect(a.state.error).toBeInstanceOf(LeadershipLostError);
  });

  test('a restarted candidate with the same name leads at once', async () => {
    const [server, clock] = [new LeaseServer(), new FakeClock()];
    const a = candidate(server, clock, 'a');
    await clock.advance(1_000);
    a.link.cut = true; // The process has ended.
    const again = candidate(server, clock, 'a');
    await clock.advance(100);
    expect(again.state.leads).toBe(true);
  });

  test('a stopped candidate returns', async () => {
    const [server, clock] = [new LeaseServer(), new FakeClock()];
    candidate(server, clock, 'a');
    await clock.advance(1_000);
    const b = candidate(server, clock, 'b');
    b.stop.abort();
    await clock.advance(0);
    await b.ended;
    expect(b.state).toEqual({ leads: false, error: undefined });
  });

  test('there are never two leaders, whatever is disconnected or stopped', async () => {
    const step = fc.record({
      who: fc.nat(2),
      what: fc.constantFrom('cut', 'mend', 'stop', 'start'),
      ms: fc.integer({ min: 100, max: 9_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const [server, clock] = [new LeaseServer(), new FakeClock()];
        const all = ['a', 'b', 'c'].map((name) => candidate(server, clock, name));
        const slots = [...all];
        const check = (): void => {
          expect(all.filter(({ state }) => state.leads).length).toBeLessThanOrEqual(1);
        };
        for (const { who, what, ms } of steps) {
          const one = slots[who];
          if (one === undefined) continue;
          if (what === 'cut') one.link.cut = true;
          else if (what === 'mend') one.link.cut = false;
          else if (what === 'stop') one.stop.abort();
          else if (one.stop.signal.aborted) {
            const next = candidate(server, clock, `new-${String(all.length)}`);
            slots[who] = next;
            all.push(next);
          }
          for (let left = ms; left > 0; left -= 250) {
            await clock.advance(250);
            check();
          }
        }
        for (const { link } of all) link.cut = false;
        all.push(candidate(server, clock, 'last'));
        for (let left = 40_000; left > 0; left -= 500) {
          await clock.advance(500);
          check();
        }
        expect(all.filter(({ state }) => state.leads)).toHaveLength(1);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  test('settings that could allow two leaders are rejected', () => {
    const options = {
      leaseName: 'l',
      namespace: 'n',
      identity: 'i',
      leaseDurationMs: 10_000,
      renewDeadlineMs: 10_000,
    };
    const context = {
      client: new LeaseServer().link().client,
      clock: new FakeClock(),
      random: () => 0,
      logger: silentLogger,
    };
    expect(() => new LeaderElector(options, context)).toThrow('leaseDurationMs > renewDeadlineMs');
  });

  test('a MicroTime has six digits', () => {
    expect(toMicroTime(new Date('2026-01-01T10:00:00.123Z'))).toBe('2026-01-01T10:00:00.123000Z');
  });
});
