import type { RoomFault } from '../page-protocol.ts';

/**
 * Meaning of the SDK's errors and reasons for a disconnection; the first match is used. The SDK's own text is only
 * logged.
 */
const FAULTS: readonly (readonly [text: RegExp, fault: Omit<RoomFault, 'detail'>])[] = [
  [
    /INVALID_APP_ID|invalid vendor key/i,
    {
      cause: 'token-rejected',
      message: "Agora does not know the app ID. Correct appId in the channel's Secret.",
    },
  ],
  [
    /TOKEN_EXPIRE|(?:dynamic key|token)[\w ]*(?:timeout|expired)/i,
    {
      cause: 'token-rejected',
      message:
        'The Agora token has expired. Check the clocks of the nodes, and that the operator is running.',
    },
  ],
  [
    /INVALID_TOKEN|invalid token|dynamic key|ERR_NO_AUTHORIZED|authorized failed/i,
    {
      cause: 'token-rejected',
      message:
        "Agora rejected the token. Check that appId and appCertificate in the channel's Secret belong together.",
    },
  ],
  [
    /_BANNED/,
    {
      cause: 'banned',
      message: 'Agora banned the relay from the channel. Check the kicking rules in the Agora console.',
    },
  ],
  [
    /UID_CONFLICT/,
    { cause: 'banned', message: "Another client joined the Agora channel with the relay's uid." },
  ],
];

/** Classifies an error text of the SDK. */
export function roomFault(text: string): RoomFault {
  const [, known] = FAULTS.find(([pattern]) => pattern.test(text)) ?? [];
  return {
    ...(known ?? { cause: 'retry', message: 'The connection to the Agora channel failed. It is retried.' }),
    detail: text,
  };
}

/** Text of an error. The SDK's errors keep the server's message in `data.desc`. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const data: unknown = 'data' in error ? error.data : undefined;
  return data === undefined || data === null ? error.message : `${error.message} ${JSON.stringify(data)}`;
}
