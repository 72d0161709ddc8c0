import { describe, expect, test } from '@jest/globals';
import { judgeHealth, type HealthInput } from '../../../src/relay/health.ts';

const well: HealthInput = {
  live: true,
  videoOutput: 'live',
  missingMs: 0,
  faultAgeMs: undefined,
  packetLossPercent: 0.2,
  lagMs: 120,
  avOffsetMs: -20,
  keyframeIntervalSeconds: 2.1,
  askedKeyframeSeconds: 2,
  throttled: 0,
  lateMs: 5,
  congestion: '',
};

describe('the health of a relay', () => {
  test.each<[string, Partial<HealthInput>, string, RegExp]>([
    ['good by default', {}, 'good', /^$/],
    ['good while the host is away', { videoOutput: 'held', avOffsetMs: 900 }, 'good', /^$/],
    ['good a minute after a fault', { faultAgeMs: 60_001 }, 'good', /^$/],
    ['fair after a fault', { faultAgeMs: 59_000 }, 'fair', /restarted/],
    ['fair with packets lost', { packetLossPercent: 4.25 }, 'fair', /Packet loss from Agora is 4\.3%/],
    ['fair when the ingest is behind', { lagMs: 2_000 }, 'fair', /2\.0 s behind/],
    ['fair below full quality', { congestion: 'The ingest accepts little.' }, 'fair', /accepts little/],
    ['fair with early audio', { avOffsetMs: 46 }, 'fair', /46 ms early/],
    ['fair with late audio', { avOffsetMs: -126 }, 'fair', /126 ms late/],
    ['fair with rare keyframes', { keyframeIntervalSeconds: 6 }, 'fair', /every 6\.0 s/],
    ['fair with a throttled CPU', { throttled: 0.5 }, 'fair', /CPU limit/],
    ['fair when the node is overloaded', { lateMs: 400 }, 'fair', /time late/],
    [
      'poor when viewers see an old frame of a host that publishes',
      { videoOutput: 'held', missingMs: 11_000 },
      'poor',
      /old frame/,
    ],
    ['poor when no media is accepted', { live: false }, 'poor', /no media/],
  ])('%s', (_, input, health, why) => {
    const judged = judgeHealth({ ...well, ...input });
    expect(judged.health).toBe(health);
    expect(judged.why).toMatch(why);
  });
});
