import { SecretText } from '../../base/secret-text.ts';
import { CodedError } from '../../base/errors.ts';

/** Where to publish, and with which key. */
export interface IngestTarget {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** The RTMP application: the path without its leading and trailing slashes. */
  readonly app: string;
  readonly streamKey: SecretText;
  /** How this session replaces one that still appears to be connected. */
  readonly takeover: { readonly type: 'ivs-priority'; readonly priority: number } | undefined;
  /** PEM bundle to verify with instead of the system's certificate authorities. */
  readonly ca: string | undefined;
}

/** The address or key of the ingest is not valid. The message never contains the key. */
export class IngestTargetInvalid extends CodedError {
  override readonly name = 'IngestTargetInvalid';
  readonly code = 'INGEST_TARGET_INVALID';
  readonly retryable = false;
}

/**
 * Parses an ingest URL.
 * @param url as platforms return it, e.g. `rtmps://a1b2.global-contribute.live-video.net:443/app/`
 * @throws IngestTargetInvalid
 */
export function parseIngestTarget(
  url: string,
  streamKey: SecretText,
  { ca, takeover }: Partial<Pick<IngestTarget, 'ca' | 'takeover'>> = {},
): IngestTarget {
  const parsed = URL.parse(url.trim());
  if (parsed === null || (parsed.protocol !== 'rtmps:' && parsed.protocol !== 'rtmp:')) {
    throw new IngestTargetInvalid('The ingest URL must be like rtmps://host:443/app/.');
  }
  const app = parsed.pathname.replace(/^\/+|\/+$/g, '');
  if (parsed.hostname === '' || app === '') {
    throw new IngestTargetInvalid(
      'The ingest URL must name a host and an application: rtmps://host:443/app/.',
    );
  }
  // FFmpeg reads the key from a file of lines; a key with a line break could set other options.
  if (!/^[\x21-\x7e]+$/.test(streamKey.reveal())) {
    throw new IngestTargetInvalid(
      'The stream key is empty or contains white space or characters other than ASCII.',
    );
  }
  const secure = parsed.protocol === 'rtmps:';
  const port = parsed.port === '' ? (secure ? 443 : 1935) : Number(parsed.port);
  return { secure, host: parsed.hostname.replace(/^\[|\]$/g, ''), port, app, streamKey, ca, takeover };
}

/** The name in RTMP's publish command: the key, and the parameters that some platforms accept after it. */
export function publishingName({ streamKey, takeover }: IngestTarget): SecretText {
  return new SecretText(
    streamKey.reveal() + (takeover === undefined ? '' : `?priority=${takeover.priority}`),
  );
}

/** The address as in RTMP's connect command, without the key. */
export function targetUrl({ secure, host, port, app }: IngestTarget): string {
  return `${secure ? 'rtmps' : 'rtmp'}://${host.includes(':') ? `[${host}]` : host}:${port}/${app}`;
}
