import { describe, expect, test } from '@jest/globals';
import { reasons, type Reason, type ReasonEntry } from '../../../src/api/reasons.ts';

const entries = Object.entries(reasons) as [Reason, ReasonEntry][];
const having = (predicate: (entry: ReasonEntry) => boolean): Set<Reason> =>
  new Set(entries.filter(([, entry]) => predicate(entry)).map(([reason]) => reason));

describe('the flags of reasons that behaviour depends on', () => {
  test.each<[string, (entry: ReasonEntry) => boolean, readonly Reason[]]>([
    [
      'emit no event when they become the reason of Ready, because the step that causes them does',
      ({ event }) => !event,
      [
        'RelayStarting',
        'Suspended',
        'Deleting',
        'RelayReplaced',
        'FailedOver',
        'Idle',
        'Resuming',
        'CheaperOnAgora',
        'ModeOverridden',
        'BudgetThresholdReached',
        'AlertRaised',
        'AlertResolved',
        'BudgetSpent',
      ],
    ],
    [
      'are no failure of a relay that is not on air',
      ({ transient }) => transient,
      ['RelayStarting', 'WaitingForHost', 'Live', 'ShuttingDown', 'HostPublishing', 'LastFrameHeld'],
    ],
    [
      'start the time until the fallback platform is used',
      ({ blamesPlatform }) => blamesPlatform === true,
      [
        'PlatformNotFound',
        'PlatformNotReady',
        'PlatformUnavailable',
        'PlatformThrottled',
        'CredentialsNotFound',
        'CredentialsRejected',
        'PermissionDenied',
        'QuotaExceeded',
        'IngestRejected',
        'IngestUnreachable',
        'IngestCertificateInvalid',
      ],
    ],
    [
      'stop a relay, so that the next start does not count as a restart',
      ({ podDeletion }) => podDeletion === 'stop',
      ['Suspended', 'RelayStopped', 'Migrated', 'Idle'],
    ],
    [
      'delete a relay pod on purpose',
      ({ podDeletion }) => podDeletion !== undefined,
      ['Suspended', 'RelayStopped', 'Idle', 'Deleting', 'SpecChanged', 'Migrated'],
    ],
  ])('reasons that %s', (_, predicate, expected) => {
    expect(having(predicate)).toEqual(new Set(expected));
  });

  /** Without those that never become the reason of Ready: their severity determines no event. */
  const neverOfReady: readonly Reason[] = [
    'RelayCreated',
    'SpecChanged',
    'StreamCreated',
    'StreamDeleted',
    'StreamRetained',
    'KeyRotated',
    'CredentialsVerified',
    'Migrating',
    'Migrated',
    'FallbackPlatform',
    'NotInUse',
    'BudgetNotSet',
    'WithinBudget',
    'BudgetUnknown',
    'CheaperOnHls',
    'NoOrphanedStreams',
  ];
  test('the Ready reasons whose events are Normal', () => {
    const normal = having(({ severity, event }) => severity === 'normal' && event);
    for (const reason of neverOfReady) normal.delete(reason);
    expect(normal).toEqual(
      new Set<Reason>([
        'AgoraOnly',
        'RelayStopped',
        'WaitingForHost',
        'Live',
        'ShuttingDown',
        'HostPublishing',
        'LastFrameHeld',
      ]),
    );
  });
});

describe('the texts of reasons', () => {
  test.each(entries)('%s has a meaning in one or two sentences', (_, { meaning }) => {
    expect(meaning).toMatch(/^([A-Z]|spec\.|streamMode|80%).*[^.]\.$/);
    expect(meaning.length).toBeLessThan(125);
  });

  test.each(entries.filter(([, { severity }]) => severity === 'warning'))(
    '%s is a warning and has a remedy',
    (_, { whatToDo }) => {
      expect(whatToDo).toMatch(/^[A-Z].*\.$/);
    },
  );

  test.each(entries.filter(([, { actor }]) => actor !== undefined))(
    '%s has a remedy for its actor',
    (_, { whatToDo }) => {
      expect(whatToDo).toBeDefined();
    },
  );
});
