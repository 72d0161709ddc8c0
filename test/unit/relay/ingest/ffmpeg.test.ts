import { expect, test } from '@jest/globals';
import { SecretText } from '../../../../src/base/secret-text.ts';
import { ffmpegArguments } from '../../../../src/relay/ingest/ffmpeg.ts';
import { parseIngestTarget } from '../../../../src/relay/ingest/ingest-target.ts';
import type { SessionPlan } from '../../../../src/relay/ingest/session-plan.ts';

const transcode: SessionPlan = {
  mode: 'transcode',
  ...{ width: 1_280, height: 720, frameRate: 30, videoBitrateKbps: 2_500, keyframeSeconds: 2 },
  constantBitrate: false,
};
const target = parseIngestTarget('rtmps://host/app/', new SecretText('sk_the_key'), {
  takeover: { type: 'ivs-priority', priority: 5 },
});
const lineFor = (plan: SessionPlan, skipMs = 0): string =>
  ffmpegArguments({ target, tunnelPort: 4_000, plan, skipMs, threads: 2 }).join(' ');

test('no argument contains the key', () => {
  for (const plan of [transcode, { mode: 'passthrough' } as const]) {
    expect(lineFor(plan)).not.toContain('sk_the_key');
    expect(lineFor(plan)).toContain('rtmp://127.0.0.1:4000/app/');
  }
});

test('passthrough copies all packets, including those before the start, because it must begin at a keyframe', () => {
  expect(lineFor({ mode: 'passthrough' }, 1_500)).toContain('-c:v copy');
  expect(lineFor({ mode: 'passthrough' }, 1_500)).not.toContain('-ss');
});

test('a transcode skips packets from before the start', () => {
  expect(lineFor(transcode, 1_500)).toContain('-ss 1.500');
  expect(lineFor(transcode)).not.toContain('-ss');
});

test('a transcode has a fixed keyframe interval and a buffer of at most one second', () => {
  const line = lineFor(transcode);
  expect(line).toContain('-g 60 -keyint_min 60 -sc_threshold 0');
  expect(line).toContain('-b:v 2500k -maxrate 2500k -bufsize 2500k');
  expect(line).not.toContain('nal-hrd');
  expect(lineFor({ ...transcode, constantBitrate: true })).toContain('-nal-hrd cbr');
});
