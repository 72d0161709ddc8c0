import { SecretText } from '../../base/secret-text.ts';
import { CodedError } from '../../base/errors.ts';

/** Where to publish, and as whom. */
export interface IngestTarget {
  readonly secure: boolean;
  readonly host: string;
  readonly port: number;
  /** The RTMP application: the path without its slashes. */
  readonly app: string;
  readonly streamKey: SecretText;
  /** How this session takes the stream over from one that still seems connected. */
  readonly takeover: { readonly type: 'ivs-priority'; readonly priority: number } | undefined;
  /** PEM bundle to verify with instead of the system's authorities. */
  readonly ca: string | undefined;
}

/** The ingest's address or key is not what it has to be. The message never holds the key. */
export class IngestTargetInvalid extends CodedError {
  override readonly name = 'IngestTargetInvalid';
  readonly code = 'INGEST_TARGET_INVALID';
  readonly retryable = false;
}

/**
 * @param url as platforms give it, e.g. `rtmps://a1b2.global-contribute.live-video.net:443/app/`
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
  // FFmpeg reads the key from a file of lines; a key with a line break in it could set other options.
  if (!/^[\x21-\x7e]+$/.test(streamKey.reveal())) {
    throw new IngestTargetInvalid('The stream key is empty or holds white space or characters beyond ASCII.');
  }
  const secure = parsed.protocol === 'rtmps:';
  const port = parsed.port === '' ? (secure ? 443 : 1935) : Number(parsed.port);
  return { secure, host: parsed.hostname.replace(/^\[|\]$/g, ''), port, app, streamKey, ca, takeover };
}

/** What RTMP's publish command names: the key, and what some platforms take behind it. */
export function publishingName({ streamKey, takeover }: IngestTarget): SecretText {
  return new SecretText(
    streamKey.reveal() + (takeover === undefined ? '' : `?priority=${takeover.priority}`),
  );
}

/** The address as RTMP's connect command names it, without the key. */
export function targetUrl({ secure, host, port, app }: IngestTarget): string {
  return `${secure ? 'rtmps' : 'rtmp'}://${host.includes(':') ? `[${host}]` : host}:${port}/${app}`;
}
