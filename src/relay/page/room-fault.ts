import type { RoomFault } from '../page-protocol.ts';

/** What made the SDK give up, by what it says in errors and in reasons of a disconnection. */
const tokenRejected =
  /TOKEN_EXPIRE|INVALID_(?:TOKEN|APP_ID)|invalid token|dynamic key|invalid vendor key|ERR_NO_AUTHORIZED|authorized failed/i;
const banned = /_BANNED|UID_CONFLICT/;

export function roomFault(text: string): RoomFault {
  if (tokenRejected.test(text)) return { cause: 'token-rejected', message: text };
  return { cause: banned.test(text) ? 'banned' : 'retry', message: text };
}

/** The SDK's errors keep the server's own words in `data.desc`. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const data: unknown = 'data' in error ? error.data : undefined;
  return data === undefined || data === null ? error.message : `${error.message} ${JSON.stringify(data)}`;
}
