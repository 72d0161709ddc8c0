import { useState, type ReactNode } from 'react';
import type { Seller, SellerSnapshot } from '../core/snapshot.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { stopEffects } from './effects.ts';
import { useSellerWords } from './words-context.ts';

interface OnAirProps {
  readonly seller: Pick<Seller, 'start' | 'stop'>;
  readonly snapshot: Pick<SellerSnapshot, 'channel' | 'canStart' | 'canStop' | 'change' | 'viewers'>;
}

/** Puts the show on air and takes it off air, where the ticket grants that; and what became of the last change. */
export function OnAir({ seller, snapshot }: OnAirProps): ReactNode {
  const words = useSellerWords();
  const [asking, setAsking] = useState(false);
  const { channel, canStart, canStop, change, viewers } = snapshot;
  const isPending = change?.state === 'pending';
  const isOff = channel !== undefined && (!channel.wanted || channel.idle);
  const starts =
    canStart && channel !== undefined && !channel.ended && isOff && channel.mode !== 'agora-only';
  const stops = canStop && channel?.wanted === true && !channel.ended;
  return (
    <div className="lcs-actions">
      {starts && (
        <button
          type="button"
          className="lc-action"
          disabled={isPending}
          onClick={() => {
            seller.start();
          }}
        >
          {words.actions.start}
        </button>
      )}
      {stops && (
        <button
          type="button"
          className="lc-action lc-choice"
          disabled={isPending}
          onClick={() => {
            setAsking(true);
          }}
        >
          {words.actions.stop}
        </button>
      )}
      <p role="status" className="lcs-status">
        {change !== undefined && (isPending ? words.pending[change.kind] : words.failed[change.kind])}
      </p>
      {asking && (
        <ConfirmDialog
          title={words.confirm.stop}
          effects={stopEffects(viewers, words)}
          yes={words.confirm.yes.stop}
          onYes={() => {
            seller.stop();
          }}
          onClose={() => {
            setAsking(false);
          }}
        />
      )}
    </div>
  );
}
