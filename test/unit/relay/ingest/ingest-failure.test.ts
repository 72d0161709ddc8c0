import { expect, test } from '@jest/globals';
import { classifyTunnelEnd } from '../../../../src/relay/ingest/ingest-failure.ts';
import type { TunnelEnd } from '../../../../src/relay/ingest/tunnel.ts';

const end = (parts: Partial<TunnelEnd>): TunnelEnd => ({
  ...{ step: 'dialing', by: 'ingest', errorCode: undefined, errorMessage: undefined, statusCode: undefined },
  ...parts,
});

test.each<[string, Partial<TunnelEnd>, string, boolean]>([
  ['no such host', { errorCode: 'ENOTFOUND' }, 'IngestUnreachable', false],
  ['nobody listens', { errorCode: 'ECONNREFUSED' }, 'IngestUnreachable', false],
  [
    'a certificate of a private CA',
    { errorCode: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    'IngestCertificateInvalid',
    true,
  ],
  [
    'a self-signed certificate',
    { errorCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    'IngestCertificateInvalid',
    true,
  ],
  [
    "another host's certificate",
    { errorCode: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    'IngestCertificateInvalid',
    true,
  ],
  ['an expired certificate', { errorCode: 'CERT_HAS_EXPIRED' }, 'IngestCertificateInvalid', true],
  ['something that speaks no RTMP', { step: 'connected' }, 'IngestUnreachable', false],
  [
    'an unknown application',
    { step: 'connected', statusCode: 'NetConnection.Connect.Rejected' },
    'IngestRejected',
    true,
  ],
  ['a key refused without a word', { step: 'rtmp-connected' }, 'IngestRejected', true],
  [
    'a key refused in words',
    { step: 'rtmp-connected', statusCode: 'NetStream.Publish.Denied' },
    'IngestRejected',
    true,
  ],
  [
    'a stream that another still publishes',
    { step: 'rtmp-connected', statusCode: 'NetStream.Publish.BadName' },
    'IngestUnreachable',
    false,
  ],
  ['closed in the middle', { step: 'publishing' }, 'IngestUnreachable', false],
  ['reset in the middle', { step: 'publishing', errorCode: 'ECONNRESET' }, 'IngestUnreachable', false],
])('%s', (_, parts, reason, refused) => {
  expect(classifyTunnelEnd(end(parts))).toMatchObject({ reason, refused });
});

test('the words of OpenSSL and Node are for the log, and the message says what is wrong and what to do', () => {
  const failure = classifyTunnelEnd(
    end({
      errorCode: 'ERR_TLS_CERT_ALTNAME_INVALID',
      errorMessage:
        "Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames",
    }),
  );
  expect(failure.message).toMatch(/for another host name .*ca\.crt/);
  expect(failure.message).not.toContain('altnames');
  expect(failure.detail).toContain('altnames');
});
