import { errorSummary } from '../base/error-text.ts';
import type { Store } from '../store/store.ts';
import { runTask, type Task, type TaskContext } from './task.ts';

/** Time limit for writing the remaining samples to the database after the end of leadership. */
const FLUSH_TIMEOUT_MS = 5_000;

/** Tasks that need the database, and the store to check first. */
export interface DatabaseTasks {
  readonly store: Pick<Store, 'check'>;
  readonly tasks: readonly Task[];
  /** Run once more at the end, in this order, until they have nothing left to write. */
  readonly flush: readonly Task[];
}

/** Runs tasks that use the database until `signal` aborts. Nothing is written before its schema has been verified. */
export async function runDatabaseTasks(
  { store, tasks, flush }: DatabaseTasks,
  context: TaskContext,
  signal: AbortSignal,
): Promise<void> {
  const ready = new AbortController();
  const check: Task = {
    name: 'database',
    everyMs: 1_000,
    run: async () => {
      await store.check();
      ready.abort();
      return false;
    },
  };
  await runTask(check, context, AbortSignal.any([signal, ready.signal]));
  if (signal.aborted) return;
  context.logger.info({}, 'database is ready; recording');
  await Promise.all(tasks.map((task) => runTask(task, context, signal)));
  await flushWithin(flush, context);
}

async function flushWithin(tasks: readonly Task[], { clock, logger }: TaskContext): Promise<void> {
  const end = clock.monotonic() + FLUSH_TIMEOUT_MS;
  const write = async (): Promise<void> => {
    for (const task of tasks) while (clock.monotonic() < end && (await task.run()));
  };
  const over = new AbortController();
  const written = write().catch((error: unknown) => {
    logger.warn({ error: errorSummary(error) }, 'last samples could not be written to the database');
  });
  await Promise.race([written, clock.sleep(FLUSH_TIMEOUT_MS, over.signal)]);
  over.abort();
}
