import {
  AGORA_TOKEN_KEY,
  agoraTokenSecretLabels,
  agoraTokenSecretName,
} from '../../api/agora-token-secret.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import type { Clock } from '../../base/clock.ts';
import type { SecretText } from '../../base/secret-text.ts';
import { checkPassedToken } from '../../channel/agora/passed-token.ts';
import type { KubeClient } from '../../kube/client.ts';
import { secretType } from '../../kube/core-types.ts';
import { isConflict } from '../../kube/errors.ts';
import { ownerReference } from '../../kube/owners.ts';
import { ApiProblem } from '../problems.ts';
import type { ChannelDraft } from './channel-draft.ts';

/** Timeout of the call, well below that of a request. */
const CALL_TIMEOUT_MS = 10_000;

export interface PassedTokensParts {
  readonly client: Pick<KubeClient, 'apply'>;
  readonly clock: Pick<Clock, 'now'>;
  /** LIVECHANNEL_API_ACCEPT_AGORA_TOKENS */
  readonly accept: boolean;
}

/**
 * Agora tokens that an app mints and passes for a channel. Each is stored in the Secret `<channel>-agora-token`, which
 * the channel owns and names in `spec.agora.tokenRef`.
 *
 * The order of the writes matters, because the operator reports a missing Secret:
 * - A new channel is created with `withToken(draft)`, then its token is stored. The operator waits
 *   AGORA_TOKEN_GRACE_MS for the Secret of a new channel before it reports that there is none.
 * - For an existing channel, the token is stored first, then `tokenPatch(channel)` is merged. A token that replaces
 *   another one reaches the relay without a restart.
 *
 * @example
 * tokens.check(token, { channelName });
 * const { made, channel } = await writer.create(id, tokens.withToken(draft), signal);
 * await tokens.store(channel, token, signal);
 * if (!made) await writer.change(id, tokens.tokenPatch(channel), undefined, signal);
 */
export class PassedTokens {
  readonly #parts: PassedTokensParts;

  constructor(parts: PassedTokensParts) {
    this.#parts = parts;
  }

  /**
   * To be called before anything is created. The app ID is not compared: only the operator can read it.
   * @throws ApiProblem agora-token-not-accepted, agora-token-rejected
   */
  check(
    token: SecretText,
    use: { readonly channelName: string; readonly hostUid?: number | undefined; readonly replicas?: number },
  ): void {
    const { accept, clock } = this.#parts;
    if (!accept)
      throw new ApiProblem(
        'agora-token-not-accepted',
        'The service may not store Agora tokens. Set api.agoraTokens.accept=true in the values of the chart.',
      );
    const { channelName, hostUid, replicas = 1 } = use;
    const wanted = { appId: undefined, channelName, hostUid, replicas };
    const checked = checkPassedToken(token.reveal().trim(), 'The Agora token', wanted, clock.now());
    if (!checked.ok) throw new ApiProblem('agora-token-rejected', checked.problem.message);
  }

  /** The draft of a new channel whose token will be stored. */
  withToken(draft: ChannelDraft): ChannelDraft {
    const spec = draft.spec as { readonly agora?: object };
    return {
      ...draft,
      spec: {
        ...spec,
        agora: { ...spec.agora, tokenRef: { name: agoraTokenSecretName(draft.metadata.name) } },
      },
    };
  }

  /** The merge patch (RFC 7386) with which an existing channel uses its stored token. */
  tokenPatch({ metadata }: Pick<LiveChannel, 'metadata'>): {
    readonly spec: { readonly agora: { readonly tokenRef: { readonly name: string } } };
  } {
    return { spec: { agora: { tokenRef: { name: agoraTokenSecretName(metadata.name) } } } };
  }

  /**
   * Creates or replaces the Secret with the channel's token. A Secret of that name whose token another manager wrote is
   * left alone.
   * @throws ApiProblem name-conflict, or a KubeError
   */
  async store(channel: LiveChannel, token: SecretText, signal: AbortSignal): Promise<void> {
    const { name: channelName, namespace } = channel.metadata;
    const name = agoraTokenSecretName(channelName);
    const secret = {
      metadata: {
        name,
        namespace,
        labels: agoraTokenSecretLabels(channelName),
        // Without blockOwnerDeletion, which would need a right on the finalizers of channels.
        ownerReferences: [{ ...ownerReference(channel), controller: true }],
      },
      type: 'Opaque',
      data: { [AGORA_TOKEN_KEY]: Buffer.from(token.reveal().trim()).toString('base64') },
    };
    try {
      await this.#parts.client.apply(secretType, secret, {
        force: false,
        signal,
        timeoutMs: CALL_TIMEOUT_MS,
      });
    } catch (error) {
      if (!isConflict(error)) throw error;
      throw new ApiProblem(
        'name-conflict',
        `Secret ${name} exists and was not written by the service. Delete it, or change the token there.`,
        { cause: error },
      );
    }
  }
}
