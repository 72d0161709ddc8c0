import { annotations } from '../../api/names.ts';
import type { Reason } from '../../api/reasons.ts';
import type { TunnelEnd } from './tunnel.ts';

/** How a session with the ingest failed. `refused`: the ingest will reject the same key again. */
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
  /** For users: it becomes the message of a condition. */
  readonly message: string;
  /** Text of Node, OpenSSL or FFmpeg, for the log. */
  readonly detail?: string;
  readonly refused: boolean;
}

/** OpenSSL's verification errors as Node names them, and the error of Node's own host name check. */
const CERTIFICATE_ERRORS =
  /^(?:ERR_TLS_CERT|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_CA|HOSTNAME_MISMATCH|ERR_SSL_.*CERTIFICATE)/;

function certificateProblem(code: string): string {
  if (code === 'CERT_HAS_EXPIRED') return "The ingest's certificate has expired";
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID' || code === 'HOSTNAME_MISMATCH')
    return "The ingest's certificate is for another host name";
  return "The ingest's certificate is not trusted";
}

/** Classifies the end of the connection to the ingest. */
export function classifyTunnelEnd(end: TunnelEnd): IngestFailure {
  if (end.errorCode !== undefined && CERTIFICATE_ERRORS.test(end.errorCode)) {
    return {
      reason: 'IngestCertificateInvalid',
      message: `${certificateProblem(end.errorCode)} (${end.errorCode}). Check the ingest URL, and ca.crt in the platform's Secret.`,
      ...(end.errorMessage === undefined ? {} : { detail: end.errorMessage }),
      refused: true,
    };
  }
  if (end.errorCode !== undefined) {
    return unreachable(
      end.step === 'publishing'
        ? `The connection to the ingest was lost (${end.errorCode}).`
        : `The ingest could not be reached (${end.errorCode}). Check the ingest URL and the egress of the cluster.`,
    );
  }
  switch (end.step) {
    case 'dialing':
    case 'connected':
      return end.statusCode?.startsWith('NetConnection.Connect.') === true
        ? rejected(`The ingest rejected the connection (${end.statusCode}). Check the ingest URL.`)
        : unreachable('The ingest closed the connection before it sent an RTMP response.');
    case 'rtmp-connected':
      // nginx-rtmp and others respond with this while the dead connection of an earlier publisher has not timed out.
      return end.statusCode === 'NetStream.Publish.BadName'
        ? unreachable('The ingest reports another publisher with this stream key.')
        : rejected(
            `The ingest rejected the stream key${end.statusCode === undefined ? '' : ` (${end.statusCode})`}. To get another key, set annotation ${annotations.rotateKey}; with provider rtmp, correct the Secret.`,
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
