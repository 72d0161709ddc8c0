/** What IVS counts and what we must know of each call. */
interface OperationFacts {
  /** Calls a second that one account has in one region; not adjustable (AWS Service Quotas, Amazon IVS, 2026-11). */
  readonly perSecond: number;
  /** true where the call changes something, so that a lost answer leaves its outcome unknown. */
  readonly changes: boolean;
  /** false where saying it again makes a second one. */
  readonly repeatable: boolean;
}

const read = { perSecond: 5, changes: false, repeatable: true } as const;
const change = { perSecond: 5, changes: true, repeatable: true } as const;
const create = { perSecond: 5, changes: true, repeatable: false } as const;

/** Every call that the driver makes; docs/platforms/ivs.md has the IAM policy that allows exactly these. */
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

export type Operation = keyof typeof operations;
