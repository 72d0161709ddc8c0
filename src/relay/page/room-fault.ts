import type { RoomFault } from '../page-protocol.ts';

/**
 * What an error of the SDK, or its reason for a disconnection, means to a user; the first match wins. The SDK's own text
 * goes to the log alone.
 */
const faults: readonly (readonly [text: RegExp, fault: Omit<RoomFault, 'detail'>])[] = [
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

export function roomFault(text: string): RoomFault {
  const [, known] = faults.find(([pattern]) => pattern.test(text)) ?? [];
  return {
    ...(known ?? { cause: 'retry', message: 'The connection to the Agora channel failed and is retried.' }),
    detail: text,
  };
}

/** The SDK's errors keep the server's own words in `data.desc`. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const data: unknown = 'data' in error ? error.data : undefined;
  return data === undefined || data === null ? error.message : `${error.message} ${JSON.stringify(data)}`;
}
