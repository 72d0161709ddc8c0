import { runRecorder, type RecorderOptions } from '../recorder/recorder.ts';
import { errorSummary } from '../base/error-text.ts';
import { databaseUrlFrom } from '../store/database-url.ts';
import { openStore } from '../store/postgres-store.ts';
import { retentionOf } from '../store/retention.ts';

/** After a failure that no part of the recorder expects. */
const againAfterMs = 30_000;

/**
 * Opens the database and records until `signal` aborts. Loaded only where there is one. Whatever becomes of it, the
 * operator goes on.
 */
export async function record(options: Omit<RecorderOptions, 'store'>, signal: AbortSignal): Promise<void> {
  const { settings, clock, logger } = options;
  while (!signal.aborted) {
    try {
      const url = databaseUrlFrom({
        DATABASE_URL: settings.DATABASE_URL?.reveal(),
        DATABASE_URL_FILE: settings.DATABASE_URL_FILE,
      });
      if (url === undefined) return;
      await using store = openStore({
        url,
        retention: retentionOf(settings),
        onBroken: (error) => {
          logger.debug({ error: errorSummary(error) }, 'an idle connection to the database broke');
        },
      });
      await runRecorder({ ...options, store }, signal);
    } catch (error) {
      logger.error({ error: errorSummary(error) }, 'the recorder failed; it starts anew');
      await clock.sleep(againAfterMs, signal);
    }
  }
}
