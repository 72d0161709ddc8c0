import { expect } from '@jest/globals';
import { systemClock } from '../../../src/base/clock.ts';
import type { ProcedureRule, Rule } from './matrix-rules.ts';

export type Verdict = 401 | 403 | 'allowed';

/** 401 or 403, including as the first event of a stream; any other response means that the caller was admitted. */
export async function verdict(
  address: string,
  init: RequestInit,
  token: string | undefined,
): Promise<Verdict> {
  const stop = new AbortController();
  const headers = new Headers(init.headers);
  if (token !== undefined) headers.set('authorization', `Bearer ${token}`);
  const answer = await fetch(address, { ...init, headers, redirect: 'manual', signal: stop.signal });
  try {
    if (answer.status === 401) {
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
      return 401;
    }
    if (answer.status === 403) return 403;
    expect(answer.status).not.toBe(400);
    expect(answer.status).not.toBe(500);
    if (!(answer.headers.get('content-type') ?? '').startsWith('text/event-stream')) return 'allowed';
    const refusal = /"httpStatus":(401|403)/.exec(await beginning(answer));
    return refusal === null ? 'allowed' : refusal[1] === '401' ? 401 : 403;
  } finally {
    stop.abort();
  }
}

/** What a stream sends before it waits for events. */
async function beginning({ body }: Response): Promise<string> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  // tRPC reports the connection, then the error; the REST API reports when to retry.
  while (reader !== undefined && !/serialized-error|event: snapshot|retry:|"type":"snapshot"/.test(text)) {
    const next = await Promise.race([reader.read(), systemClock.sleep(1_000)]);
    if (next?.value === undefined) break;
    text += next.value;
  }
  return text;
}

/** Calls a route of the REST API, for the channel `matrix`. */
export function callRoute(
  url: string,
  route: string,
  { body }: Rule,
  token: string | undefined,
): Promise<Verdict> {
  const [method = '', path = ''] = route.split(' ');
  const address = `${url}${path.replace(/:(?:id|keyId)/, 'matrix')}`;
  if (method === 'GET' || body === undefined) {
    const query = new URLSearchParams(
      Object.entries(body ?? {}).map(([name, value]): [string, string] => [name, String(value)]),
    );
    return verdict(query.size === 0 ? address : `${address}?${query.toString()}`, { method }, token);
  }
  const headers = { 'content-type': 'application/json' };
  return verdict(address, { method, headers, body: JSON.stringify(body) }, token);
}

/** Calls a procedure of tRPC. */
export function callProcedure(
  url: string,
  path: string,
  { kind, body }: ProcedureRule,
  token: string | undefined,
): Promise<Verdict> {
  const address = `${url}/trpc/${path}`;
  if (kind === 'mutation') {
    const headers = { 'content-type': 'application/json' };
    return verdict(address, { method: 'POST', headers, body: JSON.stringify(body) }, token);
  }
  const query =
    body === undefined ? '' : `?${new URLSearchParams({ input: JSON.stringify(body) }).toString()}`;
  const headers: Record<string, string> = kind === 'subscription' ? { accept: 'text/event-stream' } : {};
  return verdict(address + query, { headers }, token);
}
