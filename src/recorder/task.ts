import { backoffDelay, type BackoffPolicy } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { errorSummary } from '../base/error-text.ts';
import type { Logger } from '../base/logger.ts';

const RETRY_BACKOFF: BackoffPolicy = { initialMs: 1_000, maxMs: 10_000, factor: 2, jitter: 0.5 };

/** What tasks need to run; injected for tests. */
export interface TaskContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** Periodic work that may fail, e.g. because the database is unavailable or a file is invalid. */
export interface Task {
  /** Name in log lines. */
  readonly name: string;
  readonly everyMs: number;
  /** Resolves to true if there is more to do, without a pause. */
  run(): Promise<boolean>;
}

/**
 * Runs a task every `everyMs` until `signal` aborts. A failure is logged once and retried with back-off; it does not
 * reach the rest of the program.
 */
export async function runTask(task: Task, context: TaskContext, signal: AbortSignal): Promise<void> {
  const { clock, logger, random } = context;
  let failures = 0;
  while (!signal.aborted) {
    let waitMs = task.everyMs;
    try {
      const more = await task.run();
      if (failures > 0) logger.info({ task: task.name, failures }, 'recorder task recovered');
      failures = 0;
      if (more) waitMs = 0;
    } catch (error) {
      failures += 1;
      const fields = { task: task.name, error: errorSummary(error) };
      if (failures === 1) logger.warn(fields, 'recorder task failed; it will be retried');
      else logger.debug({ ...fields, failures }, 'recorder task still failing');
      waitMs = backoffDelay(RETRY_BACKOFF, failures, random);
    }
    await clock.sleep(waitMs, signal);
  }
}
