import { ServiceSource } from '../../player/channel/service-source.ts';
import { browserClock } from '../../player/core/clock.ts';
import type { OpenedPlayer } from '../../player/core/open-player.ts';
import type { PreferenceStore } from '../../player/core/preferences.ts';
import { Session } from '../../player/core/session.ts';
import { openEngine } from '../../player/engines/open-engine.ts';
import { lowestQuality } from './lowest-quality.ts';
import type { PreviewOptions } from './preview-options.ts';
import { previewSource } from './preview-source.ts';

/** What the seller prefers as a buyer is neither read nor changed. */
const noPreferences: PreferenceStore = { getItem: () => null, setItem: () => undefined };

/** Opens the buyers' own HLS: muted, and at its lowest level. */
export function openPreview({ video, canvas, ...channel }: PreviewOptions): OpenedPlayer {
  const source = previewSource(new ServiceSource({ ...channel, clock: browserClock }));
  const session = new Session({ video, canvas, source, openEngine, store: noPreferences });
  const stop = session.subscribe(() => {
    const lowest = lowestQuality(session.snapshot().quality);
    if (lowest !== undefined) session.setQuality(lowest);
  });
  return {
    player: session,
    destroy() {
      stop();
      session.destroy();
      source.destroy();
    },
  };
}
