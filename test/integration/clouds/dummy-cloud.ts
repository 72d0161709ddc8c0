import { randomUUID } from 'node:crypto';
import type { CloudName, MakeCloud, Refusal } from '../../fixtures/clouds/contract.ts';
import { History } from '../../fixtures/clouds/history.ts';
import { jsonBody } from '../../fixtures/clouds/json-body.ts';

interface Show {
  readonly id: string;
  readonly name: string;
  readonly key: string;
}

const refusals: Readonly<Record<Refusal, number>> = {
  throttled: 429,
  'server-error': 500,
  unavailable: 503,
  revoked: 401,
  'no-permission': 403,
  'quota-full': 402,
};

/**
 * The smallest cloud: POST and GET /shows, DELETE /shows/:id, and /play/ANY.m3u8 for players. A publisher with a
 * higher priority replaces the present one.
 */
export const makeDummy =
  (cloudName: CloudName): MakeCloud =>
  ({ clock, media, faults, baseUrl }) => {
    const shows = new History<Show>(clock);
    const ingest = media.openIngest({
      app: 'app',
      owns: (key) => shows.values().some((show) => show.key === key),
      admit: ({ query, current }) => {
        if (current === undefined) return 'admit';
        const priority = (of: URLSearchParams): number => Number(of.get('priority') ?? 0);
        return priority(query) > priority(current.query) ? 'replace' : 'refuse';
      },
    });
    const make = (name: string): Show => {
      const show = { id: randomUUID(), name, key: `key-${randomUUID()}` };
      shows.set(show.id, show);
      return show;
    };
    return {
      name: cloudName,
      operationOf: ({ method, url }) =>
        url.includes('/play/') ? undefined : { GET: 'List', POST: 'Create', DELETE: 'Delete' }[method],
      refuse: (why, operation, reply) => {
        void reply.code(refusals[why]).send({ why, operation });
      },
      streams: () =>
        shows.values().map(({ id, name, key }) => ({
          id,
          name,
          tags: {},
          live: ingest.session !== undefined,
          ingestUrl: `${media.ingestUrl}/app/`,
          streamKey: key,
        })),
      makeForeignStream: () => make('foreign').id,
      credentials: { token: 'dummy' },
      spec: { endpoint: baseUrl },
      plugin: async (app) => {
        app.post('/shows', (request, reply) => {
          const body = jsonBody(request);
          const name = typeof body === 'object' && body !== null && 'name' in body ? String(body.name) : '';
          return reply.code(201).send(make(name));
        });
        app.get('/shows', () => shows.asOf(faults.staleMs(cloudName)).map(({ name }) => name));
        app.delete<{ Params: { id: string } }>('/shows/:id', (request, reply) =>
          reply.code(shows.delete(request.params.id) ? 204 : 404).send(),
        );
        app.get('/play/:file', async (_request, reply) => {
          const playlist = await ingest.playlist();
          if (playlist === undefined) return reply.code(404).send();
          return reply
            .header('x-viewers', ingest.viewers)
            .type('application/vnd.apple.mpegurl')
            .send(playlist);
        });
        app.delete('/publisher', async (_request, reply) => {
          await ingest.disconnect();
          return reply.code(204).send();
        });
      },
    };
  };
