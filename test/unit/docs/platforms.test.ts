import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  providers,
  streamingPlatformSpecSchema,
  type Provider,
} from '../../../src/api/streaming-platform.ts';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import type { Platform, PlatformCapabilities } from '../../../src/platforms/platform.ts';
import { RateLimits } from '../../../src/platforms/rate-limit.ts';
import { openPlatform } from '../../../src/platforms/registry.ts';
import { signingKeys } from '../../../src/platforms/signing-keys.ts';
import { readDoc } from '../../support/docs/markdown-blocks.ts';
import { checkout } from '../../support/docs/pages.ts';

const clock = new FakeClock();
const context = { clusterId: 'cluster', platform: 'mine', clock, rateLimits: new RateLimits(clock) };
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const pem = ({ privateKey }: { privateKey: { export(options: object): string | Buffer } }): string =>
  privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

interface Example {
  readonly block: object;
  readonly credentials: Readonly<Record<string, string>>;
  /** Optional keys and fields, for signed playback and recordings. */
  readonly more?: { readonly block?: object; readonly credentials?: Readonly<Record<string, string>> };
}

const examples: Readonly<Record<Provider, Example>> = {
  ivs: {
    block: { region: 'eu-central-1' },
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
    more: {
      block: {
        recordingConfigurationArn:
          'arn:aws:ivs:eu-central-1:123456789012:recording-configuration/abcdABCDefgh',
      },
      credentials: { playbackPrivateKey: pem(p384) },
    },
  },
  cloudflare: {
    block: { accountId: '0123456789abcdef0123456789abcdef' },
    credentials: { apiToken: 'token' },
    more: { credentials: { signingKeyId: 'key', signingKeyPem: pem(rsa) } },
  },
  mux: {
    block: {},
    credentials: { tokenId: 'id', tokenSecret: 'secret' },
    more: {
      credentials: { signingKeyId: 'key', signingPrivateKey: Buffer.from(pem(rsa)).toString('base64') },
    },
  },
  origin: { block: { controlUrl: 'http://127.0.0.1:1' }, credentials: { token: 'token' } },
  rtmp: {
    block: {},
    credentials: {
      ingestUrl: 'rtmps://ingest.example.com/live/',
      streamKey: 'key',
      playbackUrl: 'https://play.example.com/live/index.m3u8',
    },
  },
};

function open(
  provider: Provider,
  { block, credentials, limits = {} }: Example & { limits?: object },
): Platform {
  const spec = streamingPlatformSpecSchema.parse({
    provider,
    credentialsRef: { namespace: 'live', name: 'credentials' },
    [provider]: block,
    limits,
  });
  return openPlatform(spec, new Map(Object.entries(credentials)), context);
}

interface Facts {
  readonly bare: PlatformCapabilities;
  /** With everything that the Secret and the block may contain. */
  readonly full: PlatformCapabilities;
  readonly limited: PlatformCapabilities;
  readonly platform: Platform;
}

function factsOf(provider: Provider): Facts {
  const example = examples[provider];
  const more = {
    block: { ...example.block, ...example.more?.block },
    credentials: { ...example.credentials, ...example.more?.credentials },
  };
  const platform = open(provider, more);
  return {
    bare: open(provider, example).capabilities,
    full: platform.capabilities,
    limited: open(provider, { ...example, limits: { maxStreams: 7 } }).capabilities,
    platform,
  };
}

const yesNo = (is: boolean): string => (is ? 'yes' : 'no');
const optional = (bare: boolean, full: boolean, with_: string): string =>
  bare === full ? yesNo(full) : `with ${with_}`;

/** The expected first words of the cells, row by row, in the order of the page. */
const rows: Readonly<Record<string, (facts: Facts, provider: Provider) => string>> = {
  '`playback.latency`': ({ full }) => full.latencies.join(', '),
  '`playback.access: signed`': ({ bare, full }) =>
    optional(bare.signedPlayback, full.signedPlayback, 'a signing key'),
  '`playback.recording: automatic`': ({ bare, full }) =>
    optional(bare.recording, full.recording, 'a recording configuration'),
  'Keyframe interval, seconds': ({ full: { keyframeSeconds } }) =>
    `${String(keyframeSeconds.min)} to ${String(keyframeSeconds.max)}`,
  'Highest resolution, lines': ({ full }) => String(full.maxHeight),
  'Highest video bitrate, kbit/s': ({ full }) => String(full.maxVideoBitrateKbps),
  'Constant bitrate required': ({ full }) => yesNo(full.constantBitrate),
  'Change of resolution on air': ({ full }) => full.sizeChange.replace('-', ' '),
  'Failover keeps the previous relay out': ({ full }, provider) =>
    full.takeover === 'ivs-priority' ? 'by priority' : provider === 'rtmp' ? 'cannot' : 'by another key',
  'A repeated create results in': ({ full }) => (full.idempotentCreate ? 'one stream' : 'two streams'),
  'Lists may be behind, seconds': ({ full }) => String(full.settleSeconds),
  'Streams, at most': ({ full, limited }) =>
    full.maxStreams !== undefined
      ? String(full.maxStreams)
      : limited.maxStreams === 7
        ? '`limits.maxStreams`'
        : "the account's",
  'Billed delivery replaces the estimate': ({ platform }) => yesNo(platform.usage !== undefined),
};

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());

/** The table after the marker, by its first column. */
async function table(): Promise<{ readonly head: string[]; readonly body: Map<string, string[]> }> {
  const [, after = ''] = (await readDoc('platforms/README.md')).split('<!-- capabilities:');
  const lines = after.split('\n').slice(1);
  const from = lines.findIndex((line) => line.startsWith('|'));
  const to = lines.findIndex((line, index) => index > from && !line.startsWith('|'));
  const [head = [], , ...body] = lines.slice(from, to).map(cellsOf);
  return { head, body: new Map(body.map(([name = '', ...cells]) => [name, cells])) };
}

describe('the table of capabilities in docs/platforms/README.md', () => {
  test('has a column for each provider, and the rows that this test checks', async () => {
    const { head, body } = await table();
    expect(head).toEqual(['Capability', ...providers]);
    expect([...body.keys()]).toEqual(Object.keys(rows));
  });

  test.each(providers)('has the capabilities of %s as its driver declares them', async (provider) => {
    const { body } = await table();
    const facts = factsOf(provider);
    const column = providers.indexOf(provider);
    for (const [name, expected] of Object.entries(rows)) {
      const cell = body.get(name)?.[column] ?? '';
      // More text may follow in brackets.
      expect([name, cell.replace(/ \(.*\)$/, '')]).toEqual([name, expected(facts, provider)]);
    }
  });
});

test.each(providers)('docs/platforms/%s.md lists what has not been verified', async (provider) => {
  expect(await readDoc(`platforms/${provider}.md`)).toContain('\n## What has not been verified\n');
});

test('the table of signing keys in docs/install/helm.md has those of every provider that can sign', async () => {
  const [, section = ''] = (await readDoc('install/helm.md')).split('\n### Signed playback keys\n');
  const rows =
    section
      .split('\n#')[0]
      ?.split('\n')
      .filter((line) => line.startsWith('|')) ?? [];
  const signing = providers.filter((each) => signingKeys[each].length > 0);
  expect(rows.slice(2).map(cellsOf)).toEqual(
    signing.map((each) => [each, signingKeys[each].map((key) => `\`${key}\``).join(', ')]),
  );
});

/** Pages and, after them, the providers of which they have nothing to say. */
const pagesOfEveryProvider: readonly (readonly [string, ...Provider[]])[] = [
  ['README.md'],
  ['CHANGELOG.md'],
  ['docs/README.md'],
  ['docs/platforms/README.md'],
  ['src/platforms/README.md'],
  ['docs/channels/concepts.md'],
  // Its choice of a platform for the first channel.
  ['docs/channels/first-channel.md', 'rtmp'],
  ['docs/channels/idle.md'],
  ['docs/channels/recordings.md'],
  ['docs/channels/signed-playback.md'],
  ['docs/channels/standby.md'],
  ['docs/build/playback.md'],
  ['docs/failure-modes.md'],
  ['docs/install/helm.md'],
  // Hosts to allow: those of rtmp are in its Secret.
  ['docs/install/security.md', 'rtmp'],
  ['docs/operate/troubleshooting.md'],
  // The provider's prices are not known.
  ['docs/channels/costs.md', 'rtmp'],
  ['docs/operate/audit.md'],
  ['docs/contribute/cloud-fixtures.md'],
  // No lifecycles: it has no API.
  ['docs/contribute/lifecycle.md', 'rtmp'],
];

test.each(pagesOfEveryProvider)('%s names every provider', async (path, ...without) => {
  const text = await readFile(join(checkout, path), 'utf8');
  const missing = providers.filter((each) => !new RegExp(`\\b${each}\\b`, 'i').test(text));
  expect(missing).toEqual(without);
});
