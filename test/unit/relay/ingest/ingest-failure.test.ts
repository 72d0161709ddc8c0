import { expect, test } from '@jest/globals';
import { classifyTunnelEnd } from '../../../../src/relay/ingest/ingest-failure.ts';
import type { TunnelEnd } from '../../../../src/relay/ingest/tunnel.ts';

const end = (parts: Partial<TunnelEnd>): TunnelEnd => ({
  ...{ step: 'dialing', by: 'ingest', errorCode: undefined, errorMessage: undefined, statusCode: undefined },
  ...parts,
});

test.each<[string, Partial<TunnelEnd>, string, boolean]>([
  ['unknown host', { errorCode: 'ENOTFOUND' }, 'IngestUnreachable', false],
  ['connection refused', { errorCode: 'ECONNREFUSED' }, 'IngestUnreachable', false],
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
  ['a server that does not speak RTMP', { step: 'connected' }, 'IngestUnreachable', false],
  [
    'an unknown application',
    { step: 'connected', statusCode: 'NetConnection.Connect.Rejected' },
    'IngestRejected',
    true,
  ],
  ['a key refused without a message', { step: 'rtmp-connected' }, 'IngestRejected', true],
  [
    'a key refused with a message',
    { step: 'rtmp-connected', statusCode: 'NetStream.Publish.Denied' },
    'IngestRejected',
    true,
  ],
  [
    'a stream that is still published by another client',
    { step: 'rtmp-connected', statusCode: 'NetStream.Publish.BadName' },
    'IngestUnreachable',
    false,
  ],
  ['connection closed', { step: 'publishing' }, 'IngestUnreachable', false],
  ['connection reset', { step: 'publishing', errorCode: 'ECONNRESET' }, 'IngestUnreachable', false],
])('%s', (_, parts, reason, refused) => {
  expect(classifyTunnelEnd(end(parts))).toMatchObject({ reason, refused });
});

test('texts of OpenSSL and Node are logged only, and the message contains the cause and the remedy', () => {
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
