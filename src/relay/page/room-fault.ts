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
    // The access point's code 15, the gateway's 120: the token is missing.
    /DYNAMIC_USE_STATIC_KE|dynamic use static key/i,
    {
      cause: 'token-rejected',
      message:
        "The Agora project requires tokens, because its App Certificate is enabled. Add appCertificate to the channel's " +
        'Secret, or pass a token.',
    },
  ],
  [
    // Code 14, and 119.
    /STATIC_USE_DY(?:NA|AN)MIC_KE|static use dynamic key/i,
    {
      cause: 'token-rejected',
      message:
        'The Agora project accepts no tokens, because its App Certificate is not enabled. Enable it in the Agora ' +
        "console, or leave appId alone in the channel's Secret.",
    },
  ],
  [
    /TOKEN_EXPIRE|(?:dynamic key|token)[\w ]*(?:timeout|expired)/i,
    {
      cause: 'token-rejected',
      message:
        'The Agora token has expired. If the app passed it, pass a new one; otherwise check the clocks of the nodes, and ' +
        'that the operator is running.',
    },
  ],
  [
    /INVALID_TOKEN|invalid token|dynamic key|ERR_NO_AUTHORIZED|authorized failed/i,
    {
      cause: 'token-rejected',
      message:
        "Agora rejected the token. Check that the channel's Secret has the App Certificate of its appId, or that the app " +
        'mints its token with it.',
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
