import { errorSummary } from '../base/error-text.ts';
import { leftOutLog } from '../store/left-out-log.ts';
import { openStore } from '../store/postgres-store.ts';
import { retentionOf } from '../store/retention.ts';
import { appNamespaceIn, databaseOf } from './database-settings.ts';
import { runRecorder, type RecorderOptions } from './recorder.ts';

/** Pause after a failure that no part of the recorder handles, so that the log is not flooded. */
const RESTART_AFTER_MS = 30_000;

/**
 * Opens the database and runs the recorder until `signal` aborts. This module is imported only if a database is configured.
 * It never rejects: whatever fails here, the operator continues.
 */
export async function record(options: Omit<RecorderOptions, 'store'>, signal: AbortSignal): Promise<void> {
  const { settings, clock, logger } = options;
  while (!signal.aborted) {
    try {
      const url = databaseOf(settings);
      if (url === undefined) return;
      await using store = openStore({
        url,
        retention: retentionOf(settings),
        appNamespace: appNamespaceIn(settings, options.namespaces),
        onBroken: (error) => {
          logger.debug({ error: errorSummary(error) }, 'idle database connection lost');
        },
        onLeftOut: leftOutLog(logger),
      });
      await runRecorder({ ...options, store }, signal);
    } catch (error) {
      logger.error({ error: errorSummary(error) }, 'recorder failed; it will be restarted');
      await clock.sleep(RESTART_AFTER_MS, signal);
    }
  }
}
