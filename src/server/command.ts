import type { Command } from 'commander';
import { pino, type Logger as PinoLogger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { z } from 'zod';
import { whenAborted } from '../base/abort.ts';
import { connect } from '../kube/client.ts';
import { systemClock } from '../base/clock.ts';
import { kubeMetrics } from '../kube/metrics.ts';
import { ProbeServer, type Check } from '../kube/probes.ts';
import { terminationSignal } from '../kube/termination.ts';
import { databaseUrlFrom } from '../store/database-url.ts';
import { leftOutLog } from '../store/left-out-log.ts';
import { openStore } from '../store/postgres-store.ts';
import { buildApp } from './app.ts';
import { openAuthentication } from './auth/open-authentication.ts';
import { openServices } from './services/open.ts';
import { apiSettingsSchema, type ApiSettings } from './settings.ts';

/** `livechannel api`: runs the service. */
export function configure(command: Command): void {
  command
    .description(
      'run the service that apps call; settings come from LIVECHANNEL_* (docs/reference/settings.md)',
    )
    .option('--kubeconfig <file>', 'kubeconfig to use instead of the pod’s service account')
    .action(async ({ kubeconfig }: { kubeconfig?: string }) => {
      const parsed = apiSettingsSchema.safeParse(process.env);
      if (!parsed.success)
        command.error(`Settings are not valid:\n${z.prettifyError(parsed.error)}`, { exitCode: 2 });
      const logger = pino({ level: parsed.data.LIVECHANNEL_LOG_LEVEL, base: {} });
      await serve(parsed.data, logger, terminationSignal(), kubeconfig);
    });
}

/** Limits how long a request waits for a slow database; the caller can retry. The recorder's limits are longer. */
const databaseLimits = { connectTimeoutMs: 3_000, statementTimeoutMs: 3_000 };

/** Serves until `signal` aborts, then until open requests have finished. */
async function serve(
  settings: ApiSettings,
  logger: PinoLogger,
  signal: AbortSignal,
  kubeconfigPath: string | undefined,
): Promise<void> {
  await using parts = new AsyncDisposableStack();
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const metrics = kubeMetrics(registry, 'livechannel_');
  const client = parts.use(
    await connect({ fieldManager: 'livechannel-api', observer: metrics.requests, kubeconfigPath }),
  );
  const url = databaseUrlFrom(process.env);
  const onBroken = (error: Error): void => logger.warn({ err: error }, 'a connection to the database broke');
  const onLeftOut = leftOutLog(logger);
  const store =
    url === undefined ? undefined : parts.use(openStore({ url, onBroken, onLeftOut, ...databaseLimits }));
  if (store === undefined)
    logger.warn(
      {},
      'DATABASE_URL is not set: charts, costs, alerts, viewer counts and API keys are unavailable',
    );
  const open = parts.use(openServices({ settings, client, store, logger, registry, kubeMetrics: metrics }));
  const { authenticate, login } = openAuthentication({
    settings,
    client,
    store,
    logger,
    audit: open.audit,
    namespace: open.namespace,
    clock: systemClock,
  });
  const app = await buildApp({
    services: open.services,
    agoraNotifications: open.agoraNotifications,
    authenticate,
    login,
    settings,
    logger,
    leaving: signal,
  });

  const probes = new ProbeServer(
    { host: settings.LIVECHANNEL_HTTP_HOST, port: settings.LIVECHANNEL_HTTP_PORT, registry },
    new Map(),
    new Map<string, Check>([
      ['cache', () => (open.ready() ? undefined : 'the cache is not synced yet')],
      ['drain', () => (signal.aborted ? 'shutting down' : undefined)],
    ]),
  );
  const { port: probePort } = await probes.start();
  parts.defer(() => probes.stop());
  await Promise.race([open.synced(), whenAborted(signal)]);
  const address = await app.listen({
    host: settings.LIVECHANNEL_HTTP_HOST,
    port: settings.LIVECHANNEL_API_PORT,
  });
  logger.info({ address, probePort, namespace: open.namespace }, 'listening');

  await whenAborted(signal);
  logger.info({}, 'shutting down');
  // Load balancers send requests until they have noticed that the replica is not ready.
  await systemClock.sleep(settings.LIVECHANNEL_API_SHUTDOWN_DELAY_SECONDS * 1_000);
  const limit = AbortSignal.timeout(settings.LIVECHANNEL_API_DRAIN_SECONDS * 1_000);
  await Promise.race([app.close(), whenAborted(limit)]);
  app.server.closeAllConnections();
}
