import type { Theme } from '../../player/ui/player-view.tsx';
import type { SellerTexts } from '../text/texts.ts';

/** How a component of the seller's view is shown. */
export interface LookProps {
  /** Name of the show. */
  readonly title?: string | undefined;
  /** All words; default: English. */
  readonly texts?: SellerTexts | undefined;
  /** BCP 47 tag for how numbers, prices and times are written; default: that of the texts. */
  readonly locale?: string | undefined;
  /** Default: that of the texts. */
  readonly dir?: 'ltr' | 'rtl' | undefined;
  /** Default auto: as the system is set. */
  readonly theme?: Theme | undefined;
}
