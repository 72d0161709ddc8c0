import type { Reason } from '../../api/reasons.ts';
import type { TunnelEnd } from './tunnel.ts';

/** How a session with the ingest failed. `refused`: the same key is not going to be taken either next time. */
export interface IngestFailure {
  readonly reason: Extract<
    Reason,
    | 'IngestRejected'
    | 'IngestUnreachable'
    | 'IngestCertificateInvalid'
    | 'EncoderCrashed'
    | 'MediaStalled'
    | 'InvalidConfiguration'
  >;
  readonly message: string;
  readonly refused: boolean;
}

/** OpenSSL's verification results as Node names them, and Node's own host name check. */
const certificateErrors =
  /^(?:ERR_TLS_CERT|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|HOSTNAME_MISMATCH|ERR_SSL_.*CERTIFICATE)/;

/** What the end of the way to the ingest means. */
export function classifyTunnelEnd(end: TunnelEnd): IngestFailure {
  if (end.errorCode !== undefined && certificateErrors.test(end.errorCode)) {
    return {
      reason: 'IngestCertificateInvalid',
      message: `The ingest's certificate is not trusted: ${end.errorMessage ?? end.errorCode}. Check the address, or give the right CA.`,
      refused: true,
    };
  }
  if (end.errorCode !== undefined) {
    return unreachable(
      end.step === 'publishing'
        ? `The connection to the ingest broke: ${end.errorCode}.`
        : `The ingest could not be reached: ${end.errorCode}.`,
    );
  }
  switch (end.step) {
    case 'dialing':
    case 'connected':
      return end.statusCode?.startsWith('NetConnection.Connect.') === true
        ? rejected(`The ingest refused the connection (${end.statusCode}). Check the address.`)
        : unreachable('The ingest closed the connection before it spoke RTMP.');
    case 'rtmp-connected':
      // nginx-rtmp says so, and others with it, while an older publisher's connection is not yet known to be dead.
      return end.statusCode === 'NetStream.Publish.BadName'
        ? unreachable('The ingest says that somebody publishes under this key already.')
        : rejected(
            `The ingest refused the stream key${end.statusCode === undefined ? '' : ` (${end.statusCode})`}. Check the key, and that the stream still exists.`,
          );
    case 'publishing':
      return unreachable('The ingest closed the connection.');
  }
}

function unreachable(message: string): IngestFailure {
  return { reason: 'IngestUnreachable', message, refused: false };
}

function rejected(message: string): IngestFailure {
  return { reason: 'IngestRejected', message, refused: true };
}
