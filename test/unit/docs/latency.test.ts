import { expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { muxSchema } from '../../../src/api/providers/mux.ts';
import { providers, type Provider } from '../../../src/api/streaming-platform.ts';
import { expectedLatencySeconds } from '../../../src/platforms/expected-latency.ts';
import { checkout } from '../../support/docs/pages.ts';

const rowNames: Readonly<Record<Provider, string>> = {
  origin: 'origin',
  ivs: 'IVS',
  cloudflare: 'Cloudflare',
  mux: 'Mux',
  rtmp: 'rtmp',
};

test.each(providers)('the page on playback has the expected latency of %s', async (provider) => {
  const page = await readFile(join(checkout, 'docs/build/playback.md'), 'utf8');
  const [, section = ''] = page.split('### Latency');
  const row = section.split('\n').find((line) => line.startsWith(`| ${rowNames[provider]} `));
  const [, , standard = '', low = ''] = row?.split('|').map((cell) => cell.trim()) ?? [];
  const reduced = expectedLatencySeconds(
    { provider: 'mux', mux: muxSchema.parse({ latencyMode: 'reduced' }) },
    'standard',
  );
  const seconds = String(expectedLatencySeconds({ provider }, 'standard'));
  expect(standard).toBe(provider === 'mux' ? `${seconds} (\`reduced\`: ${String(reduced)})` : seconds);
  // Platforms that refuse low have no figure for it.
  if (low !== '') expect(low).toBe(String(expectedLatencySeconds({ provider }, 'low')));
});
