import type { SecretText } from '../../base/secret-text.ts';
import type { RelayPodFacts } from '../../channel/state.ts';
import { requestRelay } from './relay-request.ts';
import { COMMAND_TIMEOUT_MS } from '../timing.ts';

/** Sends commands to relays. */
export interface RelayCommands {
  /** Resolves to false when the relay did not accept the command, or did not answer in time. */
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
    const query = to === 'activate' && epoch > 0 ? `?epoch=${epoch}` : '';
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
      return false; // the next report shows whether the relay followed the command
    }
  },
};
