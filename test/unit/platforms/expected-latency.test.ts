import { describe, expect, test } from '@jest/globals';
import { providers } from '../../../src/api/streaming-platform.ts';
import { muxSchema } from '../../../src/api/providers/mux.ts';
import { latencies } from '../../../src/api/values.ts';
import { expectedLatencySeconds } from '../../../src/platforms/expected-latency.ts';

describe('the expected latency', () => {
  test.each(providers.flatMap((provider) => latencies.map((latency) => ({ provider, latency }))))(
    '$latency on $provider is whole seconds, and below the 30 that an app plans for',
    ({ provider, latency }) => {
      const seconds = expectedLatencySeconds({ provider }, latency);
      expect(Number.isInteger(seconds)).toBe(true);
      expect(seconds).toBeGreaterThanOrEqual(5);
      expect(seconds).toBeLessThanOrEqual(30);
    },
  );

  test.each(providers)('low is never slower than standard on %s', (provider) => {
    const [standard, low] = latencies.map((latency) => expectedLatencySeconds({ provider }, latency));
    expect(low).toBeLessThanOrEqual(standard ?? 0);
  });

  test('a reduced latency of the StreamingPlatform replaces the standard one of Mux', () => {
    const mux = muxSchema.parse({ latencyMode: 'reduced' });
    const [standard, reduced, low] = [
      expectedLatencySeconds({ provider: 'mux' }, 'standard'),
      expectedLatencySeconds({ provider: 'mux', mux }, 'standard'),
      expectedLatencySeconds({ provider: 'mux', mux }, 'low'),
    ];
    expect(reduced).toBeLessThan(standard);
    expect(low).toBeLessThan(reduced);
  });

  test('is that of the slowest platform while the platform is unknown', () => {
    expect(expectedLatencySeconds(undefined, 'standard')).toBe(
      Math.max(...providers.map((provider) => expectedLatencySeconds({ provider }, 'standard'))),
    );
  });
});
