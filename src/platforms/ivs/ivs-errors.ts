import { oneLine } from '../../base/one-line.ts';
import { connectionFailure } from '../connection-failure.ts';
import { PlatformError, type PlatformReason } from '../errors.ts';
import { operations, type Operation } from './ivs-operations.ts';

/** Errors of IVS that callers handle. They are distinguished by name, because several share a status. */
export type IvsErrorName =
  | 'ChannelNotBroadcasting'
  | 'ConflictException'
  | 'ResourceNotFoundException'
  | 'ServiceQuotaExceededException';

/** The call that failed, for messages and for its outcome. */
export interface IvsCall {
  readonly operation: Operation;
  readonly region: string;
  /** Address of the API. */
  readonly endpoint: string;
}

/** A handler for `.catch` that returns `value` if IVS refused the call with one of these errors. */
export function whenRefused<T>(names: readonly IvsErrorName[], value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof PlatformError && names.some((name) => name === nameOf(error.cause))) return value;
    throw error;
  };
}

/** Name and message of an SDK error. The error itself refers to the request, whose headers contain the access key. */
class IvsRefusal extends Error {
  constructor(error: unknown) {
    super(messageOf(error));
    this.name = nameOf(error);
  }
}

/** Converts an error of the SDK to a PlatformError. `sent`: the request may have reached IVS. */
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
    const said = `${call.endpoint} answered ${call.operation} with status ${status} (${name}), which is not a known error of Amazon IVS.`;
    return new PlatformError('PlatformUnavailable', `${said} Check spec.ivs.endpoint and spec.ivs.region.`, {
      retryable: true,
      cause,
    });
  }
  return noAnswer(error, call, status, sent);
}

/** The server's answer does not match IVS's format. */
export function notIvsError(cause: unknown, { operation, endpoint }: IvsCall): PlatformError {
  return new PlatformError(
    'PlatformUnavailable',
    `The answer of ${endpoint} to ${operation} is not an answer of Amazon IVS. Check spec.ivs.endpoint.`,
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
    '(and sessionToken only with temporary credentials).',
};
const expired: Refusal = {
  reason: 'CredentialsRejected',
  retryable: false,
  advice: () =>
    'The temporary credentials have expired. Renew accessKeyId, secretAccessKey and sessionToken in the Secret.',
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
    `The account is limited to ${operations[operation].perSecond} of these calls per second in a region, including those of other clients.`,
};
const invalid: Refusal = {
  reason: 'InvalidConfiguration',
  retryable: false,
  advice: () => 'Correct the block spec.ivs of the StreamingPlatform.',
};
const wrongRegion: Refusal = {
  reason: 'InvalidConfiguration',
  retryable: false,
  advice: () => 'Correct spec.ivs.region, or the endpoint, which must be in that region.',
};
const wrongTime: Refusal = {
  reason: 'CredentialsRejected',
  retryable: true,
  advice: () => "Set the clock of the operator's node. A signature is valid for five minutes.",
};
const conflict: Refusal = {
  reason: 'PlatformUnavailable',
  retryable: true,
  advice: () => 'Another call is changing the same resource. The operator retries.',
};

/** Errors of IVS (service model 2020-07-14), and of the AWS front end that verifies signatures for all services. */
const refusals: Readonly<Record<string, Refusal>> = {
  AccessDeniedException: forbidden,
  PendingVerification: {
    reason: 'PermissionDenied',
    retryable: true,
    advice: () => 'AWS still verifies the account. Wait for its mail, or contact AWS Support.',
  },
  ServiceQuotaExceededException: {
    reason: 'QuotaExceeded',
    retryable: true,
    advice: () => 'Raise the quota in Service Quotas (Amazon IVS), or delete resources that are not needed.',
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

/** InvalidSignatureException has three causes, which only its message distinguishes. */
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
  const detail = status === undefined ? (code ?? nameOf(error)) : `status ${status}, ${nameOf(error)}`;
  const advice = certificate
    ? ' Its certificate could not be verified. If it is private, add its CA to the Secret under the key "ca.crt".'
    : code === 'ENOTFOUND'
      ? ' The host does not exist. Check spec.ivs.region.'
      : '';
  return new PlatformError(
    'PlatformUnavailable',
    `Amazon IVS at ${endpoint} did not answer ${operation} (${detail}).${advice}`,
    { retryable: !certificate, outcome, cause: new IvsRefusal(error) },
  );
}

/** The error's name. Checks the shape and not the class, because the error may come from another realm. */
export function nameOf(error: unknown): string {
  const name: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'name') : undefined;
  return typeof name === 'string' && name !== '' ? name : 'Error';
}

function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  // IVS returns exceptionMessage; the AWS front end, which refuses calls before IVS, returns message.
  const said: unknown = Reflect.get(error, 'exceptionMessage') ?? Reflect.get(error, 'message');
  return typeof said === 'string' && said !== '' ? oneLine(said, 300) : 'no message';
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const metadata: unknown = Reflect.get(error, '$metadata');
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  const status: unknown = Reflect.get(metadata, 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
}
