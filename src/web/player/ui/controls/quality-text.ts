import type { QualityView } from '../../core/snapshot.ts';
import type { Words } from '../../text/words.ts';

/** The choice and what is on the screen: "Auto 720p", "480p". */
export function qualityText({ choice, playing, options }: QualityView, words: Words): string {
  const [only] = options;
  if (options.length === 1 && only !== undefined) return lines(only.height);
  if (choice !== 'auto') return lines(choice);
  return playing === undefined ? words.quality.auto : `${words.quality.auto} ${lines(playing)}`;
}

const lines = (height: number): string => `${height}p`;
