import { z } from 'zod';

/** Ordered from the mildest to the most severe. */
export const alertSeverities = ['info', 'warning', 'critical'] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

/** Properties of a kind of alert, for the recorder and the reference pages. */
export interface AlertEntry {
  readonly severity: AlertSeverity;
  /** What an alert of the kind belongs to. Alerts of a platform have no channel. */
  readonly about: 'channel' | 'platform';
  /** One sentence: when it is raised. */
  readonly raisedWhen: string;
  /** One sentence: when it is resolved. */
  readonly resolvedWhen: string;
  /** What viewers or the bill notice. */
  readonly meaning: string;
  readonly whatToDo: string;
}

const table = {
  BudgetThresholdReached: {
    severity: 'warning',
    about: 'channel',
    raisedWhen: '80% of a budget has been spent.',
    resolvedWhen: 'A new period begins, or the budget is raised or removed.',
    meaning: 'At this rate the budget will be spent before its period ends.',
    whatToDo: 'Raise spec.budget.usd, or accept what actionAt100Percent does.',
  },
  BudgetSpent: {
    severity: 'critical',
    about: 'channel',
    raisedWhen: 'A budget has been spent.',
    resolvedWhen: 'A new period begins, or the budget is raised or removed.',
    meaning: 'actionAt100Percent is in effect.',
    whatToDo: 'Raise spec.budget.usd to end the action at once.',
  },
  ChannelOffAir: {
    severity: 'critical',
    about: 'channel',
    raisedWhen:
      'A channel that should be on air has been off air for 60 s, and it is not known that its host is absent.',
    resolvedWhen: 'It has been on air for 30 s, or is no longer wanted on air, or its host left.',
    meaning: 'Viewers on HLS see nothing new.',
    whatToDo: 'Follow the reason of the condition Ready, which the message repeats.',
  },
  FallbackActive: {
    severity: 'warning',
    about: 'channel',
    raisedWhen: 'A channel has been on its fallback for 30 s.',
    resolvedWhen: 'It has been off its fallback for 60 s.',
    meaning: 'The channel is served by its fallback platform or by Agora, which may cost more.',
    whatToDo: 'Correct what makes the desired platform or the relay fail; the channel returns by itself.',
  },
  RelayRestarting: {
    severity: 'warning',
    about: 'channel',
    raisedWhen: 'The relay of a channel restarted three times within 10 min.',
    resolvedWhen: 'It has not restarted for 10 min.',
    meaning: 'Each restart interrupts playback for some seconds.',
    whatToDo: 'Read status.relay.lastRestartReason and the log of the previous container.',
  },
  PlatformNotReady: {
    severity: 'critical',
    about: 'platform',
    raisedWhen: 'A platform has not been Ready for 2 min.',
    resolvedWhen: 'It has been Ready for 60 s.',
    meaning:
      'Streams cannot be created there, and those on air may fail. Alerts of its channels are held back meanwhile.',
    whatToDo:
      "Read the condition Ready of the StreamingPlatform; check its Secret and the vendor's status page.",
  },
  ManyChannelsAffected: {
    severity: 'critical',
    about: 'platform',
    raisedWhen: 'At least 20 channels of a platform have had a problem at once for 60 s.',
    resolvedWhen: 'Fewer than 10 have had a problem for 60 s.',
    meaning: 'One cause affects many channels. It stands for alerts of single channels, which are held back.',
    whatToDo: "Look for a common cause: the ingest, Agora, the cluster's network or its nodes.",
  },
  QuotaNearlyFull: {
    severity: 'warning',
    about: 'platform',
    raisedWhen: 'A platform has had 90% of its limit of streams for 60 s, or has refused a stream.',
    resolvedWhen: 'It has had less than 85% for 5 min.',
    meaning: 'The next channels may have to wait for a stream.',
    whatToDo: 'Delete channels that are no longer needed, or raise the quota and spec.limits.maxStreams.',
  },
  OrphanedStreams: {
    severity: 'warning',
    about: 'platform',
    raisedWhen: 'A platform has had streams that no channel owns for 15 min.',
    resolvedWhen: 'It has had none for 60 s.',
    meaning: 'Such streams may cost money, and count towards the quota.',
    whatToDo: 'List them with "livechannel audit"; set spec.orphanPolicy to Delete to have them deleted.',
  },
} as const satisfies Record<string, AlertEntry>;

export type AlertKind = keyof typeof table;

/**
 * The closed list of the kinds of alerts. docs/reference/alerts.md is generated from it; the durations that its sentences
 * name are in src/recorder/timing.ts.
 */
export const alertKinds: Readonly<Record<AlertKind, AlertEntry>> = table;

// The keys of the table above.
export const alertKindNames = Object.keys(table) as [AlertKind, ...AlertKind[]];

export const alertViewSchema = z.object({
  id: z.string(),
  /** null: the alert is about a platform. */
  channelId: z.string().nullable(),
  /** The platform that it is about, or that the channel was on; null: it has nothing to do with a platform. */
  platform: z.string().nullable(),
  raisedAt: z.iso.datetime(),
  resolvedAt: z.iso.datetime().nullable(),
  kind: z.string(),
  severity: z.enum(alertSeverities),
  message: z.string(),
});
export type AlertView = z.infer<typeof alertViewSchema>;
