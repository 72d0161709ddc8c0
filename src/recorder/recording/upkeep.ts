import type { Clock } from '../../base/clock.ts';
import type { Store } from '../../store/store.ts';
import type { Task } from '../task.ts';

/** The task that runs the store's upkeep: partitions, roll-ups and retention. */
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
