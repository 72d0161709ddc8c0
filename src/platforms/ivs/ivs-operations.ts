/** Rate limit and retry properties of one operation of IVS. */
interface OperationFacts {
  /** Limit of calls per second, account and region; not adjustable (AWS Service Quotas, Amazon IVS, 2026-11). */
  readonly perSecond: number;
  /** true if the call changes something, so that its outcome is unknown after a lost answer. */
  readonly changes: boolean;
  /** false if a repeated call creates a second resource. */
  readonly repeatable: boolean;
}

const read = { perSecond: 5, changes: false, repeatable: true } as const;
const change = { perSecond: 5, changes: true, repeatable: true } as const;
const create = { perSecond: 5, changes: true, repeatable: false } as const;

/** All operations that the driver uses. The IAM policy in docs/platforms/ivs.md allows exactly these. */
export const operations = {
  CreateChannel: create,
  GetChannel: read,
  BatchGetChannel: read,
  ListChannels: read,
  DeleteChannel: change,
  CreateStreamKey: create,
  GetStreamKey: read,
  ListStreamKeys: read,
  DeleteStreamKey: change,
  GetStream: read,
  ListStreams: read,
  StopStream: change,
  UntagResource: { ...change, perSecond: 10 },
  GetRecordingConfiguration: { ...read, perSecond: 3 },
  ListPlaybackKeyPairs: { ...read, perSecond: 3 },
  ImportPlaybackKeyPair: { ...create, perSecond: 3 },
} as const satisfies Record<string, OperationFacts>;

/** Name of an operation that the driver uses. */
export type Operation = keyof typeof operations;
