import { backoffDelay, type BackoffPolicy } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import { errorSummary } from '../base/error-text.ts';
import type { Logger } from '../base/logger.ts';

const backoff: BackoffPolicy = { initialMs: 1_000, maxMs: 10_000, factor: 2, jitter: 0.5 };

export interface TaskContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

/** Something that is done again and again, and may fail: the database is away, a file is broken. */
export interface Task {
  /** For the log. */
  readonly name: string;
  readonly everyMs: number;
  /** true: there is more to do at once. */
  run(): Promise<boolean>;
}

/**
 * Runs a task until `signal` aborts. A failure is told once, and tried again after a growing while; nothing of it
 * reaches the rest of the program.
 */
export async function keepDoing(task: Task, context: TaskContext, signal: AbortSignal): Promise<void> {
  const { clock, logger, random } = context;
  let failures = 0;
  while (!signal.aborted) {
    let waitMs = task.everyMs;
    try {
      const more = await task.run();
      if (failures > 0) logger.info({ task: task.name, failures }, 'the recorder goes on');
      failures = 0;
      if (more) waitMs = 0;
    } catch (error) {
      failures += 1;
      const fields = { task: task.name, error: errorSummary(error) };
      if (failures === 1) logger.warn(fields, 'the recorder cannot do its work; it tries again');
      else logger.debug({ ...fields, failures }, 'still not');
      waitMs = backoffDelay(backoff, failures, random);
    }
    await clock.sleep(waitMs, signal);
  }
}
