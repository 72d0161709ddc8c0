import { connectionFailure } from '../connection-failure.ts';
import { PlatformError, type PlatformReason } from '../errors.ts';
import { operations, type Operation } from './ivs-operations.ts';

/** Errors of IVS that callers act on. Told apart by name: two of them share 404, three share 403. */
export type IvsErrorName =
  | 'ChannelNotBroadcasting'
  | 'ConflictException'
  | 'ResourceNotFoundException'
  | 'ServiceQuotaExceededException';

export interface IvsCall {
  readonly operation: Operation;
  readonly region: string;
  /** Address of the API. */
  readonly endpoint: string;
}

/** For `.catch`: this value where IVS refused the call with one of these names. */
export function whenRefused<T>(names: readonly IvsErrorName[], value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof PlatformError && names.some((name) => name === nameOf(error.cause))) return value;
    throw error;
  };
}

/** What of an SDK's error is kept: all of it leads to the request, and to the key in its headers. */
class IvsRefusal extends Error {
  constructor(error: unknown) {
    super(messageOf(error));
    this.name = nameOf(error);
  }
}

/** What the SDK threw, in the words of the controllers. `sent`: whether IVS may have got the request at all. */
export function ivsError(error: unknown, call: IvsCall, sent: boolean): PlatformError {
  const cause = new IvsRefusal(error);
  const name = nameOf(error);
  const known = refusals[name] ?? byMessage(error);
  if (known !== undefined) {
    const { reason, retryable, advice } = known;
    const said = `Amazon IVS refused ${call.operation} in ${call.region} (${name}: ${messageOf(error)}).`;
    return new PlatformError(reason, `${said} ${advice(call)}`, { retryable, cause });
  }
  const status = statusOf(error);
  if (status !== undefined && status >= 400 && status < 500) {
    const said = `${call.endpoint} answered ${call.operation} with status ${String(status)} (${name}), which is not of Amazon IVS as we know it.`;
    return new PlatformError('PlatformUnavailable', `${said} Check spec.ivs.endpoint and spec.ivs.region.`, {
      retryable: true,
      cause,
    });
  }
  return noAnswer(error, call, status, sent);
}

/** Answered, but with something that is no answer of IVS. */
export function notIvsError(cause: unknown, { operation, endpoint }: IvsCall): PlatformError {
  return new PlatformError(
    'PlatformUnavailable',
    `What ${endpoint} answered to ${operation} is no answer of Amazon IVS; check spec.ivs.endpoint.`,
    { retryable: true, outcome: operations[operation].changes ? 'unknown' : 'none', cause },
  );
}

interface Refusal {
  readonly reason: PlatformReason;
  readonly retryable: boolean;
  readonly advice: (call: IvsCall) => string;
}

const wrongKeys: Refusal = {
  reason: 'CredentialsRejected',
  retryable: false,
  advice: () =>
    'Put a valid pair of accessKeyId and secretAccessKey into the Secret that spec.credentialsRef names ' +
    '(and sessionToken only with temporary ones).',
};
const expired: Refusal = {
  reason: 'CredentialsRejected',
  retryable: false,
  advice: () =>
    'Temporary credentials have run out: renew accessKeyId, secretAccessKey and sessionToken in the Secret.',
};
const forbidden: Refusal = {
  reason: 'PermissionDenied',
  retryable: false,
  advice: ({ operation }) => {
    const tagging = operation === 'CreateChannel' || operation === 'ImportPlaybackKeyPair';
    return `Allow ${tagging ? `ivs:${operation} and ivs:TagResource` : `ivs:${operation}`} in the IAM policy of the access key (docs/platforms/ivs.md).`;
  },
};
const throttled: Refusal = {
  reason: 'PlatformThrottled',
  retryable: true,
  advice: ({ operation }) =>
    `The account has ${String(operations[operation].perSecond)} of these calls a second in a region; others use them too.`,
};
const invalid: Refusal = {
  reason: 'InvalidConfiguration',
  retryable: false,
  advice: () => 'Correct the block spec.ivs of the StreamingPlatform.',
};
const wrongRegion: Refusal = {
  reason: 'InvalidConfiguration',
  retryable: false,
  advice: () => 'Correct spec.ivs.region, or the endpoint that goes with it.',
};
const wrongTime: Refusal = {
  reason: 'CredentialsRejected',
  retryable: true,
  advice: () => "Set the clock of the operator's node: a signature is valid for five minutes.",
};
const conflict: Refusal = {
  reason: 'PlatformUnavailable',
  retryable: true,
  advice: () => 'Something else changes the same thing now; it is tried again.',
};

/** Names of the errors of IVS (service model 2020-07-14) and of the front that checks signatures for all of AWS. */
const refusals: Readonly<Record<string, Refusal>> = {
  AccessDeniedException: forbidden,
  PendingVerification: {
    reason: 'PermissionDenied',
    retryable: true,
    advice: () => 'AWS still verifies the account: wait for its mail, or ask AWS Support.',
  },
  ServiceQuotaExceededException: {
    reason: 'QuotaExceeded',
    retryable: true,
    advice: () => 'Raise the quota in Service Quotas (Amazon IVS), or delete what is not needed.',
  },
  ThrottlingException: throttled,
  TooManyRequestsException: throttled,
  ValidationException: invalid,
  ResourceNotFoundException: invalid,
  ChannelNotBroadcasting: conflict,
  ConflictException: conflict,
  UnrecognizedClientException: wrongKeys,
  InvalidClientTokenId: wrongKeys,
  IncompleteSignatureException: wrongKeys,
  MissingAuthenticationTokenException: wrongKeys,
  ExpiredTokenException: expired,
  ExpiredToken: expired,
  OptInRequired: {
    reason: 'PermissionDenied',
    retryable: false,
    advice: () => 'Enable the region, or Amazon IVS, for this account.',
  },
};

/** InvalidSignatureException stands for three mistakes, which only its message tells apart. */
function byMessage(error: unknown): Refusal | undefined {
  if (nameOf(error) !== 'InvalidSignatureException') return undefined;
  const message = messageOf(error);
  if (/scoped to a valid region/i.test(message)) return wrongRegion;
  if (/signature (expired|not yet current)/i.test(message)) return wrongTime;
  return wrongKeys;
}

function noAnswer(
  error: unknown,
  { operation, endpoint }: IvsCall,
  status: number | undefined,
  sent: boolean,
): PlatformError {
  const { code, unsent } = connectionFailure(error);
  const certificate = code !== undefined && /CERT|SELF_SIGNED|VERIFY/.test(code);
  const arrived = sent && !certificate && !unsent;
  const outcome = arrived && operations[operation].changes ? 'unknown' : 'none';
  const detail =
    status === undefined ? (code ?? nameOf(error)) : `status ${String(status)}, ${nameOf(error)}`;
  const advice = certificate
    ? ' Its certificate could not be verified: if it is private, put its CA into the Secret under "ca.crt".'
    : code === 'ENOTFOUND'
      ? ' There is no such host: check spec.ivs.region.'
      : '';
  return new PlatformError(
    'PlatformUnavailable',
    `Amazon IVS at ${endpoint} gave no answer to ${operation} (${detail}).${advice}`,
    { retryable: !certificate, outcome, cause: new IvsRefusal(error) },
  );
}

/** By shape, because an error may come from another realm. */
export function nameOf(error: unknown): string {
  const name: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'name') : undefined;
  return typeof name === 'string' && name !== '' ? name : 'Error';
}

function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  // IVS calls it exceptionMessage; what refuses before IVS calls it message.
  const said: unknown = Reflect.get(error, 'exceptionMessage') ?? Reflect.get(error, 'message');
  return typeof said === 'string' && said !== '' ? said.replace(/\s+/g, ' ').slice(0, 300) : 'no message';
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const metadata: unknown = Reflect.get(error, '$metadata');
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const status: unknown = Reflect.get(metadata, 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
}
