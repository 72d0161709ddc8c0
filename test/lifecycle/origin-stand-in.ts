import { paperMedia } from '../fixtures/clouds/paper-media.ts';
import type { FaultKind } from '../fixtures/clouds/contract.ts';
import { OriginDouble, type Fault as OriginFault } from '../fixtures/origin-double.ts';
import { Journal } from './journal.ts';
import type { CallGroup, StandIn, StandInOptions } from './stand-in.ts';

const methods = {
  any: ['GET', 'PUT', 'POST', 'DELETE'],
  create: ['PUT'],
  list: ['GET'],
  delete: ['DELETE'],
  key: ['GET', 'PUT'],
} as const satisfies Record<CallGroup, readonly string[]>;

/** How a fault affects the origin: it neither throttles nor has stale lists. */
const faults: Readonly<Record<FaultKind, OriginFault | undefined>> = {
  throttled: 'error',
  'server-error': 'error',
  unavailable: 'error',
  revoked: 'refuse-token',
  'no-permission': 'refuse-token',
  'quota-full': 'full',
  'hang-before': 'hang',
  'hang-after': 'hang-after',
  'lost-answer': 'lost-answer',
  slow: 'slow',
  'stale-list': undefined,
};

/** The fake origin, with a paper ingest and paper playlists. */
export async function startOrigin({ clock, random, scale }: StandInOptions): Promise<StandIn> {
  const media = paperMedia({
    clock,
    ingestUrl: 'rtmps://origin.invalid:1936',
    certificateAuthority: '',
    segmentsUrl: 'http://origin.invalid/segments',
  });
  const origin = await OriginDouble.start(undefined, { media, clock });
  const journal = new Journal();
  let struck = 0;
  let foreign = 0;
  origin.onCall = ({ method, path, body, fault, status, answer }) => {
    if (fault !== undefined) struck += 1;
    const entry = journal.add(method, `${path} ${body}`);
    entry.answer = `${String(status)} ${answer === undefined ? '' : JSON.stringify(answer)}`;
    entry.answered = fault === undefined || fault === 'slow';
    const id = path.split('/')[3] ?? '';
    // Repeating the request changes the existing stream.
    if (method === 'PUT' && status === 200) journal.gave(entry, id, []);
    if (method === 'DELETE' && status === 204) journal.forget(id);
    journal.done(entry);
  };
  return {
    provider: 'origin',
    spec: { provider: 'origin', origin: { controlUrl: origin.controlUrl } },
    credentials: { token: origin.token },
    media,
    journal,
    calls: methods,
    streams: () =>
      [...origin.streams.values()].map(({ id, tags, ingestUrl, streamKey }) => ({
        id,
        name: id,
        tags,
        live: origin.isLive(id),
        ingestUrl,
        streamKey,
      })),
    makeForeignStream() {
      const id = `foreign-${String(++foreign)}`;
      origin.addForeign(id, { team: 'other' });
      return id;
    },
    strike({ kind, calls, times, probability, ms }) {
      const fault = faults[kind];
      if (fault === undefined) return () => undefined;
      const strikes = (): boolean => random() < probability;
      const slowMs = (ms ?? 1_000) / scale;
      const ends = methods[calls].map((method) =>
        origin.fail(method, fault, times ?? Infinity, { strikes, slowMs }),
      );
      return () => {
        for (const end of ends) end();
      };
    },
    struck: () => struck,
    [Symbol.asyncDispose]: () => origin.stop(),
  };
}
