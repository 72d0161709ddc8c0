/**
 * A process of its own for test/bench/api.ts: with "app" the service over channels from memory, with real API keys,
 * cache, event hub and an access log; with "bare" a fastify that answers a constant. Tells its port, then obeys.
 */
import fastify from 'fastify';
import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { destination, pino } from 'pino';
import { Registry } from 'prom-client';
import type { KubeClient } from '../../src/kube/client.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { WatchEvent } from '../../src/kube/watch-stream.ts';
import { buildApp } from '../../src/server/app.ts';
import { apiKeyText, hashOf, newApiKey } from '../../src/server/auth/api-key.ts';
import { createAuthenticate } from '../../src/server/auth/authenticators.ts';
import { openServices } from '../../src/server/services/open.ts';
import { apiSettingsSchema } from '../../src/server/settings.ts';
import type { Store } from '../../src/store/store.ts';
import { aCachedChannel } from '../support/server/cached-channel.ts';

export type Order = 'change' | 'memory';
export type Told =
  { readonly port: number; readonly token: string } | { readonly rss: number; readonly heap: number };

const tell = (told: Told): unknown => process.send?.(told);
// The benchmark has ended, by an error or a signal.
process.on('disconnect', () => process.exit());
const namespace = 'shop';
const channels = 1_000;

if (process.argv[2] === 'bare') {
  const app = fastify();
  app.get('/', async () => ({ playbackUrl: 'https://play.example/live.m3u8' }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  tell({ port: portOf(app.server.address()), token: '' });
} else await serveApp();

async function serveApp(): Promise<void> {
  let news = Promise.withResolvers<WatchEvent>();
  let version = 100;
  const client: Pick<KubeClient, 'pages' | 'watch'> = {
    async *pages({ plural }) {
      const items =
        plural === 'livechannels'
          ? Array.from({ length: channels }, (_, n) => aCachedChannel(`show-${String(n)}`))
          : [];
      yield { items, resourceVersion: String(version), restart: false };
    },
    async *watch({ plural }) {
      if (plural !== 'livechannels') await new Promise<never>(() => undefined);
      for (;;) yield await news.promise;
    },
  };
  const key = newApiKey(randomBytes);
  const none = undefined;
  const record = { id: key.id, name: 'bench', hash: hashOf(key.secret), scopes: ['admin'] };
  const store: Pick<Store, 'apiKey' | 'apiKeyUsed' | 'latestSamples'> = {
    apiKey: async () => ({
      ...record,
      createdAt: new Date(),
      expiresAt: none,
      revokedAt: none,
      lastUsedAt: none,
    }),
    apiKeyUsed: async () => undefined,
    latestSamples: async () => [],
  };
  const settings = apiSettingsSchema.parse({
    LIVECHANNEL_API_NAMESPACE: namespace,
    LIVECHANNEL_API_RATE_LIMIT: '10000000',
  });
  const logger = pino({ base: {} }, destination({ dest: '/dev/null', sync: true }));
  const open = openServices({
    settings,
    client: client as KubeClient, // reads alone are asked for
    store: store as Store, // as are these
    logger: silentLogger,
    registry: new Registry(),
  });
  const authenticate = createAuthenticate({
    ...{ settings, namespace, store, clock: systemClock, logger: silentLogger },
    client: { review: () => Promise.reject(new Error('there is no cluster')) },
  });
  const app = await buildApp({ services: open.services, authenticate, settings, logger });
  await open.synced();
  await app.listen({ host: '127.0.0.1', port: 0 });
  process.on('message', (order: Order) => {
    if (order === 'memory') {
      void (async () => {
        globalThis.gc?.();
        await delay(200);
        globalThis.gc?.();
        const { rss, heapUsed } = process.memoryUsage();
        tell({ rss, heap: heapUsed });
      })();
      return;
    }
    version += 1;
    const changed = aCachedChannel('show-0', {
      metadata: { resourceVersion: String(version) },
      status: { relayStatus: version % 2 === 0 ? 'active' : 'starting' },
    });
    const { resolve } = news;
    news = Promise.withResolvers();
    resolve({ type: 'MODIFIED', object: changed });
  });
  tell({ port: portOf(app.server.address()), token: apiKeyText(key) });
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen on TCP');
  return address.port;
}
