import { type Dispatcher, request } from 'undici';
import { ports } from '../../api/names.ts';
import { unlessAborted } from '../../base/abort.ts';

/**
 * Sends a request to the HTTP port of a relay. Rejects after `timeoutMs` even without a connection: undici handles an
 * abort only once the request has a connection, which a lost node never accepts.
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
  return unlessAborted(answer, end, () => new Error('the relay did not respond in time'));
}
