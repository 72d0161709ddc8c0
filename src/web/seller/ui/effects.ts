import type { EffectiveStreamMode } from '../../../api/values.ts';
import type { DeliveryOption, SellerSnapshot } from '../core/snapshot.ts';
import type { SellerWords } from '../text/words.ts';

/** What a change of the mode does to buyers and costs, in sentences. What is unknown is left out, but for the viewers. */
export function modeEffects(
  { viewers, delivery, channel }: Pick<SellerSnapshot, 'viewers' | 'delivery' | 'channel'>,
  mode: EffectiveStreamMode,
  words: SellerWords,
): readonly string[] {
  const { confirm } = words;
  const option = (of: EffectiveStreamMode | undefined): DeliveryOption | undefined =>
    delivery?.options.find((each) => each.mode === of);
  const [before, after] = [option(delivery?.chosen ?? channel?.mode), option(mode)];
  const [from, to] = [before?.usdPerThousandViewerMinutes, after?.usdPerThousandViewerMinutes];
  const [fromDelay, toDelay] = [before?.delaySeconds, after?.delaySeconds];
  const what = { 'agora-only': confirm.toAgora, 'hls-only': confirm.toHls, hybrid: confirm.toBoth };
  return [
    viewersText(viewers, words),
    what[mode],
    from === undefined || to === undefined || from === to
      ? ''
      : words.filled(confirm.price, { from: words.money(from), to: words.money(to) }),
    fromDelay === undefined || toDelay === undefined || fromDelay === toDelay
      ? ''
      : words.filled(confirm.delay, { from: words.number(fromDelay), to: words.number(toDelay) }),
  ].filter((text) => text !== '');
}

export function stopEffects(viewers: SellerSnapshot['viewers'], words: SellerWords): readonly string[] {
  return [viewersText(viewers, words), words.confirm.stopped];
}

/** A sum of which one part is unknown is unknown as well. */
function viewersText({ hls, agora }: SellerSnapshot['viewers'], { confirm, count }: SellerWords): string {
  return hls === undefined || agora === undefined
    ? confirm.viewersUnknown
    : count(confirm.viewers, hls + agora);
}
