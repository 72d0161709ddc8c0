import type { SecretText } from '../../base/secret-text.ts';
import type { RelayPodFacts } from '../../channel/state.ts';
import { requestRelay } from './relay-request.ts';
import { COMMAND_TIMEOUT_MS } from '../timing.ts';

/** Commands to relays. */
export interface RelayCommands {
  /** False when the relay did not accept it. */
  send(
    pod: RelayPodFacts,
    command: { readonly to: 'activate' | 'standby'; readonly epoch: number },
    token: SecretText,
    signal: AbortSignal,
  ): Promise<boolean>;
}

export const relayCommands: RelayCommands = {
  async send({ ip }, { to, epoch }, token, signal) {
    if (ip === undefined) return false;
    const query = to === 'activate' && epoch > 0 ? `?epoch=${String(epoch)}` : '';
    try {
      const { statusCode, body } = await requestRelay(ip, `/${to}${query}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token.reveal()}` },
        timeoutMs: COMMAND_TIMEOUT_MS,
        signal,
      });
      await body.dump();
      return statusCode === 202;
    } catch {
      return false; // its next report shows whether it obeyed
    }
  },
};
