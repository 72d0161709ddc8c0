import type { ChannelSource, ChannelState } from '../../../src/web/player/channel/channel-state.ts';
import { onAir } from './facts.ts';

/** A channel that a test changes. */
export class FakeSource implements ChannelSource {
  current: ChannelState = onAir;
  refreshes = 0;
  destroyed = false;
  readonly #subscribers = new Set<(state: ChannelState) => void>();

  subscribe(changed: (state: ChannelState) => void): () => void {
    this.#subscribers.add(changed);
    return () => {
      this.#subscribers.delete(changed);
    };
  }

  get subscribers(): number {
    return this.#subscribers.size;
  }

  state(): ChannelState {
    return this.current;
  }

  refresh(): void {
    this.refreshes++;
  }

  clockSkewMs(): number | undefined {
    return undefined;
  }

  destroy(): void {
    this.destroyed = true;
  }

  change(changes: Partial<ChannelState>): void {
    this.current = { ...this.current, ...changes };
    for (const changed of this.#subscribers) changed(this.current);
  }
}
