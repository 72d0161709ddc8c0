import type { Clock } from '../../base/clock.ts';
import type { Store } from '../../store/store.ts';
import type { Task } from '../task.ts';

/** Has the database made ready for tomorrow, summed up, and cleared of what is too old. */
export function upkeep(clock: Pick<Clock, 'now'>, store: Pick<Store, 'upkeep'>): Task {
  return {
    name: 'upkeep',
    everyMs: 600_000,
    run: async () => {
      await store.upkeep(clock.now());
      return false;
    },
  };
}
