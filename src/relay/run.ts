import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setInterval, setTimeout as sleep } from 'node:timers/promises';
import { pino, type Logger } from 'pino';
import { relayExitCodes, type RelayConfig, type TerminationMessage } from '../api/relay-contract.ts';
import { findPageFiles } from './browser/page-files.ts';
import { systemClock } from '../base/clock.ts';
import { startHttp } from './http.ts';
import { readRelayConfig, readRelayFiles, RelayFilesInvalid, type RelayFiles } from './relay-files.ts';
import { relaySettingsSchema, type RelaySettings } from './settings.ts';
import { Supervisor } from './supervisor.ts';

/** Interval at which the files of the mounted Secret are read. The kubelet needs far longer to update them. */
const FILES_POLL_INTERVAL_MS = 1_000;
/** Limit for closing all parts. What still runs then ends with the process. */
const CLOSE_LIMIT_MS = 2_700;

/** Runs the relay until it is requested to stop or cannot continue. Returns the exit code. */
export async function runRelay(
  configPath: string,
  environment: NodeJS.ProcessEnv,
  stopSignal: AbortSignal,
): Promise<number> {
  const settings = relaySettingsSchema.parse(environment);
  const log = pino({ level: settings.LIVECHANNEL_LOG_LEVEL });
  try {
    const config = await readRelayConfig(configPath);
    const files = await readRelayFiles(config);
    const channelLog = log.child({ channel: config.channel, slot: config.slot });
    return await runWith(config, files, settings, channelLog, stopSignal);
  } catch (error) {
    if (!(error instanceof RelayFilesInvalid)) throw error;
    await leaveMessage(settings, log, { reason: 'InvalidConfiguration', message: error.message });
    return relayExitCodes.configuration;
  }
}

async function runWith(
  config: RelayConfig,
  files: RelayFiles,
  settings: RelaySettings,
  log: Logger,
  stopSignal: AbortSignal,
): Promise<number> {
  await using page = await findPageFiles();
  await using profiles = await profileFolder();
  const stateDirectory = await stateFolder(config);
  const clock = systemClock;
  const supervisor = await Supervisor.start({
    config,
    settings,
    files,
    pageDirectory: page.directory,
    profileDirectory: profiles.directory,
    stateDirectory,
    clock,
    random: Math.random,
    log,
  });
  const { host, port, tokenFile } = config.listen;
  const http = await startHttp({ host, port, tokenFile, relay: supervisor, clock });
  log.info({ address: http.address() }, 'listening');
  stopSignal.addEventListener('abort', () => supervisor.stop());
  if (stopSignal.aborted) supervisor.stop();
  const watching = new AbortController();
  watchFiles(config, supervisor, log, watching.signal).catch(() => log.debug('files are no longer watched'));

  const { outcome, fault } = await supervisor.exit;
  log.info({ outcome, reason: fault.reason }, fault.message);
  watching.abort();
  await Promise.race([supervisor.close(), sleep(CLOSE_LIMIT_MS, undefined, { ref: false })]);
  http.closeAllConnections();
  http.close();
  await leaveMessage(settings, log, fault);
  return relayExitCodes[outcome];
}

/**
 * A folder for browser profiles, named by the process ID, which is the same in every run of a container. A run that
 * was killed leaves its folder behind, because the volume under /tmp outlives the container; the next run clears it.
 */
async function profileFolder(): Promise<AsyncDisposable & { readonly directory: string }> {
  const directory = join(tmpdir(), `livechannel-chromium-${process.pid}`);
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 3 });
  await remove();
  return { directory, [Symbol.asyncDispose]: remove };
}

/**
 * The folder for the state that a run leaves to the next run in the same pod: the volume under /tmp outlives the
 * container.
 */
async function stateFolder({ channel, slot }: RelayConfig): Promise<string> {
  const directory = join(tmpdir(), `livechannel-${channel.replaceAll('/', '.')}-${slot}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return directory;
}

/**
 * Rereads the files at an interval, because the kubelet replaces all files of a mounted Secret at once, reading them
 * is cheap, and polling cannot miss a change.
 */
async function watchFiles(
  config: RelayConfig,
  supervisor: Supervisor,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  for await (const _ of setInterval(FILES_POLL_INTERVAL_MS, undefined, { signal, ref: false })) {
    try {
      supervisor.filesChanged(await readRelayFiles(config));
    } catch (error) {
      // The files are being replaced, or have been deleted: the contents that were read before remain in use.
      log.debug({ error: String(error) }, 'files not readable');
    }
  }
}

async function leaveMessage(
  settings: RelaySettings,
  log: Logger,
  { reason, message }: TerminationMessage,
): Promise<void> {
  log.info({ reason }, message);
  try {
    await writeFile(settings.LIVECHANNEL_TERMINATION_LOG, `${JSON.stringify({ reason, message })}\n`);
  } catch (error) {
    log.warn({ error: String(error) }, 'the termination message could not be written');
  }
}
