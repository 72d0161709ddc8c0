import { useState, type ReactNode } from 'react';
import type { EffectiveStreamMode } from '../../../api/values.ts';
import type { DeliveryOption, Seller, SellerSnapshot } from '../core/snapshot.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { modeEffects } from './effects.ts';
import { useSellerWords } from './words-context.ts';

interface DeliveryProps {
  readonly seller: Pick<Seller, 'setMode'>;
  readonly snapshot: Pick<SellerSnapshot, 'delivery' | 'channel' | 'viewers' | 'announced' | 'change'>;
}

/** Where buyers watch: what each way costs, how far it is behind, and the choice of another one. */
export function Delivery({ seller, snapshot }: DeliveryProps): ReactNode {
  const words = useSellerWords();
  const [asking, setAsking] = useState<EffectiveStreamMode>();
  const { delivery, channel, announced, change } = snapshot;
  if (delivery === undefined || delivery.options.length === 0 || channel?.ended === true) return null;
  const { delivery: texts, confirm } = words;
  const chosen = delivery.chosen ?? channel?.mode;
  const { breakEvenViewers } = delivery;
  return (
    <div className="lcs-part">
      <h2>{texts.title}</h2>
      <ul className="lcs-options">
        {delivery.options.map((option) => (
          <Option
            key={option.mode}
            option={option}
            isChosen={option.mode === chosen}
            isDisabled={change?.state === 'pending'}
            onChoose={() => {
              setAsking(option.mode);
            }}
          />
        ))}
      </ul>
      {announced !== undefined && (
        <p>
          {words.filled(texts.announced, {
            mode: texts.modes[announced.mode],
            t: words.time(announced.at),
          })}
        </p>
      )}
      {channel?.streamMode === 'auto' && <p className="lcs-quiet">{texts.auto}</p>}
      {breakEvenViewers !== undefined && breakEvenViewers > 0 && (
        <p className="lcs-quiet">{words.count(texts.breakEven, breakEvenViewers)}</p>
      )}
      {asking !== undefined && (
        <ConfirmDialog
          title={words.filled(confirm.mode, { mode: texts.modes[asking] })}
          effects={modeEffects(snapshot, asking, words)}
          yes={words.filled(confirm.yes.mode, { mode: texts.modes[asking] })}
          onYes={() => {
            seller.setMode(asking);
          }}
          onClose={() => {
            setAsking(undefined);
          }}
        />
      )}
    </div>
  );
}

interface OptionProps {
  readonly option: DeliveryOption;
  readonly isChosen: boolean;
  readonly isDisabled: boolean;
  readonly onChoose: () => void;
}

function Option({ option, isChosen, isDisabled, onChoose }: OptionProps): ReactNode {
  const words = useSellerWords();
  const { delivery } = words;
  const { mode, usdPerThousandViewerMinutes: price, usdPerHour, delaySeconds } = option;
  const name = delivery.modes[mode];
  return (
    <li className="lcs-option" data-chosen={isChosen}>
      <p className="lcs-what">{name}</p>
      <p>
        {price === undefined
          ? delivery.priceUnknown
          : words.filled(delivery.price, { price: words.money(price) })}
      </p>
      {usdPerHour !== undefined && usdPerHour > 0 && (
        <p className="lcs-quiet">{words.filled(delivery.base, { price: words.money(usdPerHour) })}</p>
      )}
      <p className="lcs-quiet">{words.figure(delivery.delay, Math.round(delaySeconds))}</p>
      {isChosen ? (
        <p className="lcs-chosen">{delivery.chosen}</p>
      ) : (
        <button type="button" className="lc-action lc-choice" disabled={isDisabled} onClick={onChoose}>
          {words.filled(delivery.choose, { mode: name })}
        </button>
      )}
    </li>
  );
}
