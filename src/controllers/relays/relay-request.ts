import { type Dispatcher, request } from 'undici';
import { ports } from '../../api/names.ts';
import { unlessAborted } from '../../base/abort.ts';

/**
 * A request to a relay's own HTTP port that ends within `timeoutMs`, whatever the network does: undici hears of an
 * abort only once a request is on a connection, and to a node that is gone there never is one.
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
  const answer = request(`http://${host}:${String(ports.http)}${path}`, { ...rest, signal: end });
  return unlessAborted(answer, end, () => new Error('the relay did not respond in time'));
}
