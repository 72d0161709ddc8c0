import { rmSync, watch } from 'node:fs';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from 'pino';
import { listenToAccessLog } from './access-log.ts';
import { findAssets } from './assets.ts';
import { controlService } from './control-service.ts';
import { DeliveryCounter } from './delivery-counter.ts';
import { OriginProblem } from './errors.ts';
import { derivePlaybackKey } from './keys.ts';
import { IngestGate } from './gate/ingest-gate.ts';
import { ingestHooks } from './ingest-hooks.ts';
import { MAX_COUNTED_VIEWERS, MAX_UNPUBLISHED, maxMessageBytes } from './limits.ts';
import { NginxControl } from './nginx-control.ts';
import { OriginMetrics } from './metrics.ts';
import { RTMP_APPLICATION, frontConfiguration, mediaConfiguration } from './nginx-configuration.ts';
import { readSecretFile } from './secret-file.ts';
import type { OriginSettings } from './settings.ts';
import { StreamRegistry } from './stream-registry.ts';
import { Streams } from './streams.ts';
import { SupervisedProcess } from './supervised-process.ts';
import { ViewerCounter } from './viewer-counter.ts';

const VIEWER_WINDOW_MS = 15_000;
const TICK_INTERVAL_MS = 1000;
/** A certificate is reloaded once its files have not changed for this time. */
const CERTIFICATE_SETTLE_MS = 300;

/**
 * Starts the whole origin: nginx for RTMP, nginx for TLS and HLS, the hooks that connect them with the list of
 * streams, and the control service. Disposing of it ends every process that it started.
 */
export async function startOrigin(settings: OriginSettings, log: Logger): Promise<AsyncDisposable> {
  await using started = new AsyncDisposableStack();
  const now = Date.now;

  const master = await readSecretFile(settings.masterSecretFile, 'master secret', 32);
  const playbackKey = derivePlaybackKey(master);
  const token = () => readSecretFile(settings.tokenFile, 'token of the control service', 16);
  await token();
  for (const file of [settings.tlsCertFile, settings.tlsKeyFile]) await readFile(file);
  await emptyDirectory(settings.hlsDir);
  const home = async (name: string): Promise<{ directory: string; socket: string }> => {
    const directory = join(settings.runtimeDir, name);
    await mkdir(directory, { recursive: true });
    return { directory, socket: join(directory, 'nginx.sock') };
  };

  const registry = await StreamRegistry.open(join(settings.stateDir, 'streams.json'), master);
  const viewers = new ViewerCounter({
    windowMs: VIEWER_WINDOW_MS,
    perAddress: settings.viewersPerAddress,
    total: MAX_COUNTED_VIEWERS,
  });
  const delivered = new DeliveryCounter();
  const metrics = new OriginMetrics({ streams: () => streams.list(), unpublished: () => gate.unpublished });
  const accessLog = started.use(
    await listenToAccessLog({
      onRequest: ({ playbackId, ...player }) => {
        if (registry.hasPlayback(playbackId)) viewers.seen(playbackId, player, now());
      },
      onDelivery: ({ playbackId, bytes }) => {
        if (registry.hasPlayback(playbackId)) delivered.sent(playbackId, bytes);
      },
      onRefusal: () => {
        metrics.refusedRequests.inc();
      },
    }),
  );
  const mediaHome = await home('media');
  const frontHome = await home('front');
  const mediaControl = started.use(new NginxControl(mediaHome.socket));
  const frontControl = started.use(new NginxControl(frontHome.socket));
  const ports = { ingestPort: settings.loopbackPort, playPort: settings.loopbackPort + 1 };
  const streams: Streams = new Streams({
    ...settings,
    inputUrl: (name) => `rtmp://127.0.0.1:${ports.playPort}/${RTMP_APPLICATION}/${name}`,
    playbackKey,
    registry,
    viewers,
    delivered,
    control: mediaControl,
    metrics,
    log,
    now,
  });
  started.defer(() => streams.stop());

  const gate: IngestGate = started.use(
    await IngestGate.listen({
      port: ports.ingestPort,
      maxBitrateKbps: settings.maxBitrateKbps,
      ...{ metrics, log },
      monotonic: () => performance.now(),
    }),
  );
  const hooks = ingestHooks(streams, gate);
  started.defer(() => hooks.close());
  const hooksUrl = await hooks.listen({ host: '127.0.0.1', port: 0 });

  const run = async (
    name: 'media' | 'front',
    { directory, socket }: { directory: string; socket: string },
    configuration: string,
  ): Promise<SupervisedProcess> => {
    const file = join(directory, 'nginx.conf');
    await rm(file, { force: true }); // the mode applies to new files only
    await writeFile(file, configuration, { mode: 0o600 });
    const child = new SupervisedProcess({
      name,
      command: settings.nginx,
      args: ['-e', 'stderr', '-p', directory, '-c', file],
      log,
      // A socket that a killed nginx left behind would prevent the next one from listening.
      prepare: () => {
        rmSync(socket, { force: true });
      },
      onCrash: () => {
        metrics.processRestarts.inc({ process: name });
        if (name === 'media') streams.ingestLost();
      },
    });
    started.defer(() => child.stop());
    return child;
  };
  const common = { ...ports, modules: settings.nginxModules, asRoot: process.getuid?.() === 0 };
  await run(
    'media',
    mediaHome,
    mediaConfiguration({
      ...common,
      ...mediaHome,
      hooksUrl,
      maxMessageBytes: maxMessageBytes(settings.maxBitrateKbps),
    }),
  );
  const front = await run(
    'front',
    frontHome,
    frontConfiguration({
      ...common,
      ...frontHome,
      listenHost: settings.listenHost,
      rtmpsPort: settings.rtmpsPort,
      gatePort: gate.port,
      publishersPerAddress: 2 * settings.maxStreams + MAX_UNPUBLISHED,
      connectionsPerAddress: settings.connectionsPerAddress,
      hlsPort: settings.hlsPort,
      workers: settings.hlsWorkers,
      accessLogPort: accessLog.port,
      hlsDirectory: settings.hlsDir,
      playbackKey,
      assetsDirectory: await findAssets(settings.assetsDir, settings.runtimeDir),
      certificateFile: settings.tlsCertFile,
      certificateKeyFile: settings.tlsKeyFile,
    }),
  );
  started.use(reloadOnChange([settings.tlsCertFile, settings.tlsKeyFile], front, log));

  const service = controlService({
    streams,
    token,
    log,
    metrics: metrics.registry,
    tls: settings.controlTls
      ? {
          cert: await readFile(settings.tlsCertFile, 'utf8'),
          key: await readFile(settings.tlsKeyFile, 'utf8'),
        }
      : undefined,
    ready: async () => {
      await Promise.all([mediaControl.check(), frontControl.check()]).catch((cause: unknown) => {
        throw new OriginProblem('NotReady', 'nginx does not respond. It may be starting.', { cause });
      });
    },
  });
  started.defer(() => service.close());
  await service.listen({ host: settings.listenHost, port: settings.controlPort });

  const ticker = setInterval(() => {
    streams.tick().catch((error: unknown) => {
      log.error({ err: error }, 'upkeep failed');
    });
  }, TICK_INTERVAL_MS);
  started.defer(() => {
    clearInterval(ticker);
  });
  log.info({ publicUrl: settings.publicUrl, ingestUrl: settings.ingestUrl }, 'origin started');
  return started.move();
}

/**
 * Deletes the media of an earlier run, which no longer has a playlist. The folder itself may be a mount point, so it
 * is kept.
 */
async function emptyDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  for (const entry of await readdir(path)) await rm(join(path, entry), { recursive: true, force: true });
}

/**
 * Reloads nginx when the certificate or its key has changed. The kubelet replaces a mounted Secret by renaming a
 * folder, so the folder is watched, not the files. The contents are compared only after CERTIFICATE_SETTLE_MS
 * without a change, because a half-written file, or a certificate without its key, cannot be loaded.
 */
function reloadOnChange(files: readonly string[], front: SupervisedProcess, log: Logger): Disposable {
  const read = async (): Promise<string> =>
    (await Promise.all(files.map((file) => readFile(file, 'utf8')))).join('\n');
  let current: string | undefined;
  const look = async (): Promise<void> => {
    try {
      const content = await read();
      const changed = current !== undefined && content !== current;
      current = content;
      if (!changed) return;
      log.info({ files }, 'certificate changed; reloading nginx front');
      front.signal('SIGHUP');
    } catch (error) {
      log.warn({ err: error, files }, 'certificate not readable; the old one remains in use');
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const watchers = [...new Set(files.map((file) => dirname(file)))].map((folder) =>
    watch(folder, () => {
      clearTimeout(timer);
      timer = setTimeout(() => void look(), CERTIFICATE_SETTLE_MS);
    }),
  );
  void look();
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}
