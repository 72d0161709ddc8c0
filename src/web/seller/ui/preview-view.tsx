import type { ReactNode } from 'react';
import type { PlayerSnapshot, PlayerState } from '../../player/core/snapshot.ts';
import type { SellerTexts } from '../text/texts.ts';
import { Frame, type FrameProps } from './frame.tsx';
import type { LookProps } from './look-props.ts';
import { useSellerWords } from './words-context.ts';

export type PreviewState =
  /** `hidden`: it stopped because the page was hidden. */
  | { readonly type: 'off'; readonly hidden: boolean }
  | { readonly type: 'loading' }
  /** Its code could not be loaded. */
  | { readonly type: 'failed' }
  | { readonly type: 'on'; readonly player: Pick<PlayerSnapshot, 'state' | 'latency'> };

export interface PreviewViewProps extends LookProps, Pick<FrameProps, 'timeZone'> {
  readonly state: PreviewState;
  /** US dollars an hour; undefined: unknown. */
  readonly price: number | undefined;
  /** The elements that show the video. */
  readonly video: ReactNode;
  readonly onShow: () => void;
  readonly onHide: () => void;
  readonly onPlay: () => void;
}

/** What buyers see, when the seller asks for it, and what that costs. */
export function PreviewView({
  state,
  price,
  video,
  onShow,
  onHide,
  onPlay,
  ...look
}: PreviewViewProps): ReactNode {
  return (
    <Frame className="lcs-preview" name={({ preview }) => preview.title} {...look}>
      <Content {...{ state, price, video, onShow, onHide, onPlay }} />
    </Frame>
  );
}

function Content(props: Omit<PreviewViewProps, keyof LookProps | 'timeZone'>): ReactNode {
  const { state, price, video, onShow, onHide, onPlay } = props;
  const words = useSellerWords();
  const { preview } = words;
  const isOff = state.type === 'off' || state.type === 'failed';
  return (
    <>
      <h2>{preview.title}</h2>
      <div className="lcs-screen" hidden={isOff}>
        {video}
      </div>
      <p role="status" className="lcs-status">
        {statusText(state, preview)}
      </p>
      {state.type === 'on' &&
        state.player.state === 'playing' &&
        state.player.latency.behindSeconds !== undefined && (
          <p className="lcs-quiet">{words.count(preview.behind, state.player.latency.behindSeconds)}</p>
        )}
      <div className="lcs-actions">
        {needsTap(state) && (
          <button type="button" className="lc-action" onClick={onPlay}>
            {preview.show}
          </button>
        )}
        <button type="button" className="lc-action lc-choice" onClick={isOff ? onShow : onHide}>
          {isOff ? preview.show : preview.hide}
        </button>
      </div>
      <p className="lcs-quiet">{priceText(price, words)}</p>
    </>
  );
}

const needsTap = (state: PreviewState): boolean =>
  state.type === 'on' && (state.player.state === 'tap-to-play' || state.player.state === 'paused');

type PreviewTexts = SellerTexts['preview'];

function statusText(state: PreviewState, texts: PreviewTexts): string {
  switch (state.type) {
    case 'off':
      return state.hidden ? `${texts.stopped} ${texts.hidden}` : '';
    case 'loading':
      return texts.connecting;
    case 'failed':
      return texts.failed;
    case 'on':
      return playerTexts[state.player.state](texts);
  }
}

const connecting = (texts: PreviewTexts): string => texts.connecting;
const waiting = (texts: PreviewTexts): string => texts.waiting;
const failed = (texts: PreviewTexts): string => texts.failed;
const nothing = (): string => '';

const playerTexts: Readonly<Record<PlayerState, (texts: PreviewTexts) => string>> = {
  connecting,
  buffering: connecting,
  reconnecting: connecting,
  migrating: connecting,
  'waiting-for-host': waiting,
  ended: waiting,
  'platform-out': waiting,
  'use-agora': waiting,
  'not-allowed': failed,
  unsupported: failed,
  'tap-to-play': nothing,
  paused: nothing,
  playing: nothing,
};

function priceText(price: number | undefined, words: ReturnType<typeof useSellerWords>): string {
  const { preview } = words;
  if (price === undefined) return preview.priceUnknown;
  return price === 0 ? preview.free : words.filled(preview.price, { price: words.money(price) });
}
