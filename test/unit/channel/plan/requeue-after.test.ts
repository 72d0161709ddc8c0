import { expect, test } from '@jest/globals';
import { modeAnnotation } from '../../../../src/api/annotations/cost-decisions.ts';
import { requeueAfter } from '../../../../src/channel/plan/requeue-after.ts';
import { found, missing, type Observed } from '../../../../src/channel/state.ts';
import {
  aDesiredStream,
  aModeChoice,
  anIncomingStream,
  aPassedToken,
  anObserved,
  aRecord,
  aSecret,
  aStandby,
  aStream,
  at,
  bare,
  credentials,
  later,
  now,
  pairRecord,
  waitingForHost,
} from '../../../support/channel/channel-examples.ts';

const full = { reason: 'QuotaExceeded', message: 'full' } as const;
const noPod = { pod: undefined, report: undefined } as const;
const idle = { since: at(-60), why: 'no-host' } as const;
const probeEvery = (seconds: number): object => ({ relay: { idle: { hostProbeIntervalSeconds: seconds } } });

test.each<[string, Observed, number, string]>([
  [
    'agora-only: rarely',
    anObserved({ streams: [], channel: { spec: { streamMode: 'agora-only' } } }),
    600_000,
    'no stream is required',
  ],
  [
    'suspended: rarely',
    anObserved({ streams: [aStream(noPod)], channel: { spec: { suspend: true } } }),
    300_000,
    'no relay is required',
  ],
  [
    'idle: at the next probe for the host',
    anObserved({
      streams: [aStream({ ...noPod, record: aRecord({ idle }) })],
      channel: { spec: probeEvery(90) },
    }),
    30_000,
    'the next probe for the host is due',
  ],
  [
    'idle with an overdue probe: at once, but not in a busy loop',
    anObserved({
      streams: [aStream({ ...noPod, record: aRecord({ idle }) })],
      channel: { spec: probeEvery(30) },
    }),
    100,
    'the next probe for the host is due',
  ],
  ['on air: periodically', anObserved(), 10_000, 'on air'],
  [
    'on air with a standby that is ready',
    anObserved({ streams: [aStream({ record: pairRecord(), standby: aStandby() })] }),
    10_000,
    'on air',
  ],
  [
    'on air with a standby that is not ready',
    anObserved({ streams: [aStream({ record: pairRecord(), standby: aStandby({ report: undefined }) })] }),
    1_000,
    'a relay is starting',
  ],
  [
    'waiting for the host',
    anObserved({ streams: [aStream({ report: waitingForHost })] }),
    1_000,
    'a relay is starting',
  ],
  ['nothing exists yet', anObserved({ streams: [] }), 1_000, 'a relay is starting'],
  ['migrating', anObserved({ streams: [aStream(), anIncomingStream()] }), 1_000, 'a relay is starting'],
  [
    'on air with a token that is renewed soon',
    anObserved({
      streams: [aStream({ secret: aSecret({ tokenIssuedAt: later(-60), tokenExpiresAt: later(70) }) })],
    }),
    5_000,
    'the Agora token is renewed',
  ],
  [
    'on air with a token of the app that expires soon, whatever its Secret says about renewal',
    anObserved({
      credentials: found({ ...credentials, token: aPassedToken({ expiringAt: later(7) }) }),
      streams: [aStream({ secret: aSecret({ tokenIssuedAt: later(-60), tokenExpiresAt: later(-50) }) })],
    }),
    7_000,
    'the status warns that the Agora token expires, or it has expired',
  ],
  [
    'on air with a token of the app that is about to expire',
    anObserved({
      credentials: found({
        ...credentials,
        token: aPassedToken({ expiringAt: later(-9), expiresAt: later(3) }),
      }),
    }),
    3_000,
    'the status warns that the Agora token expires, or it has expired',
  ],
  [
    'on air without Agora credentials',
    anObserved({ credentials: missing('CredentialsNotFound', 'm') }),
    5_000,
    'waiting for credentials or the platform',
  ],
  [
    'suspended without a platform',
    anObserved({
      streams: [],
      desired: missing('PlatformNotFound', 'm'),
      channel: { spec: { suspend: true } },
    }),
    5_000,
    'waiting for credentials or the platform',
  ],
  [
    'suspended while the platform is full',
    anObserved({
      streams: [],
      desired: found(aDesiredStream({ refused: full })),
      channel: { spec: { suspend: true } },
    }),
    15_000,
    'waiting for the quota',
  ],
  [
    'on air, and viewers will be sent to Agora soon',
    anObserved({
      channel: {
        spec: { streamMode: 'auto' },
        metadata: { annotations: modeAnnotation(aModeChoice({ at: at(4) })) },
      },
    }),
    4_000,
    'the next change of the stream mode is due',
  ],
  [
    'with a draining stream',
    anObserved({
      streams: [
        aStream(),
        anIncomingStream({ ...bare, record: aRecord({ role: 'draining', until: at(2) }) }),
      ],
    }),
    2_000,
    'a stream has been drained',
  ],
])('%s', (_, observed, afterMs, reason) => {
  expect(requeueAfter(observed, undefined, now)).toEqual({ afterMs, reason });
});

test('a channel that is being deleted waits for its pods', () => {
  const observed = anObserved({ channel: { deleting: true } });
  expect(requeueAfter(observed, undefined, now)).toEqual({ afterMs: 5_000, reason: 'deleting' });
});

test('a step can set the requeue interval', () => {
  const reason = 'a step has to be repeated';
  expect(requeueAfter(anObserved(), 30_000, now)).toEqual({ afterMs: 30_000, reason });
  expect(requeueAfter(anObserved({ channel: { deleting: true } }), 250, now)).toEqual({
    afterMs: 250,
    reason,
  });
});
