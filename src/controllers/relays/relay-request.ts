import { type Dispatcher, request } from 'undici';
import { ports } from '../../api/names.ts';
import { unlessAborted } from '../../base/abort.ts';
import { CodedError } from '../../base/errors.ts';

/** The relay did not answer in time, or the request was aborted. */
export class RelayTimeoutError extends CodedError {
  override readonly name = 'RelayTimeoutError';
  readonly code = 'RELAY_TIMEOUT';
  readonly retryable = true;
}

/**
 * Sends a request to the HTTP port of a relay. Rejects with RelayTimeoutError after `timeoutMs` even without a
 * connection: undici handles an abort only once the request has a connection, which a lost node never accepts.
 */
export async function requestRelay(
  ip: string,
  path: string,
  options: {
    readonly method?: 'GET' | 'POST';
    readonly headers?: Readonly<Record<string, string>>;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  },
): Promise<Dispatcher.ResponseData> {
  const { timeoutMs, signal, ...rest } = options;
  const end = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const host = ip.includes(':') ? `[${ip}]` : ip;
  const answer = request(`http://${host}:${ports.http}${path}`, { ...rest, signal: end });
  return unlessAborted(answer, end, () => new RelayTimeoutError('the relay did not respond in time'));
}
