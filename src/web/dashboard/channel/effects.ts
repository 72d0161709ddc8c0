import type { ChannelView } from '../../../api/channel-view.ts';
import type { Resolution, StreamMode } from '../../../api/values.ts';
import type { PlatformView } from '../service/procedures.ts';
import { stateOf } from './channel-state.ts';

/** Actions without a choice. */
type PlainAction = 'start' | 'stop' | 'addStandby' | 'removeStandby' | 'rotateKey' | 'end';

/** What can be done with a channel. A change names what is to be different. */
export type ChannelAction =
  | { readonly kind: PlainAction }
  | {
      readonly kind: 'change';
      readonly streamMode?: StreamMode | undefined;
      /** null: the default platform. */
      readonly platform?: string | null | undefined;
    }
  | {
      readonly kind: 'caps';
      readonly maxResolution?: Resolution | undefined;
      /** kbit/s; null: the limit of the platform. */
      readonly maxVideoBitrateKbps?: number | null | undefined;
    };

/** Actions that make sense in the state of a channel, in the order of their buttons. */
export function actionsFor(channel: ChannelView): readonly ChannelAction['kind'][] {
  const state = stateOf(channel);
  if (state === 'ending') return [];
  const relay =
    state === 'on-agora' ? [] : ([state === 'off' || state === 'idle' ? 'start' : 'stop'] as const);
  return [
    ...relay,
    'change',
    'caps',
    channel.standby ? 'removeStandby' : 'addStandby',
    // Without a stream, there is no key.
    ...(channel.playbackUrl === null ? [] : (['rotateKey'] as const)),
    'end',
  ];
}

/** Why the channel's platform does not allow an action; undefined: it does, as far as is known. */
export function obstacleOf(
  kind: ChannelAction['kind'],
  platform: Pick<PlatformView, 'capabilities'> | undefined,
): 'fixedKey' | undefined {
  return kind === 'rotateKey' && platform?.capabilities.rotateKey === false ? 'fixedKey' : undefined;
}

export type EffectName = PlainAction | 'toAgora' | 'toHls' | 'hlsOnly' | 'auto' | 'migrate' | 'caps';

/** Who is affected, and what happens to them. */
export interface Effects {
  /** Viewers on HLS; null: unknown; undefined: the action does not concern them. */
  readonly viewers: number | null | undefined;
  readonly names: readonly EffectName[];
}

const ofMode: Readonly<Record<StreamMode, EffectName>> = {
  'agora-only': 'toAgora',
  hybrid: 'toHls',
  'hls-only': 'hlsOnly',
  auto: 'auto',
};

/** The effects to name before the action is confirmed. */
export function effectsOf(action: ChannelAction, hlsViewers: number | null): Effects {
  if (action.kind === 'start') return { viewers: undefined, names: ['start'] };
  if (action.kind === 'caps') {
    const changed = action.maxResolution !== undefined || action.maxVideoBitrateKbps !== undefined;
    return changed ? { viewers: hlsViewers, names: ['caps'] } : { viewers: undefined, names: [] };
  }
  if (action.kind !== 'change') return { viewers: hlsViewers, names: [action.kind] };
  const { streamMode, platform } = action;
  const names: EffectName[] = [
    ...(streamMode === undefined ? [] : [ofMode[streamMode]]),
    ...(platform === undefined ? [] : (['migrate'] as const)),
  ];
  return { viewers: names.length === 0 ? undefined : hlsViewers, names };
}
