import { alertKinds, type AlertKind } from '../../api/alerts.ts';
import { findCondition } from '../../api/conditions.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { isDefaultPlatform, type StreamingPlatform } from '../../api/streaming-platform.ts';
import type { Clock } from '../../base/clock.ts';
import { oneLine } from '../../base/one-line.ts';
import { homePlatform } from '../../channel/desired/platform.ts';
import type { ObjectMeta } from '../../kube/resource.ts';
import type { AlertSubject, Store } from '../../store/store.ts';
import type { EmitEvent } from '../cost-control/annotation-policy.ts';
import type { Alerts } from '../recording/alerts.ts';
import { channelKey } from '../recording/take-sample.ts';
import type { Task } from '../task.ts';
import { ALERT_CHECK_MS } from '../timing.ts';
import { AlertStates, subjectKey, type AlertAction } from './alert-states.ts';
import { channelRules, type ChannelRule } from './channel-rules.ts';
import { notReady, platformRules, type PlatformFacts, MANY_CHANNELS } from './platform-rules.ts';
import { RecentRestarts } from './recent-restarts.ts';

/** Open alerts are read again at this interval, in case a change of them did not reach the database. */
const REREAD_INTERVAL_MS = 600_000;
/** More open alerts are not read. Far more than there can be: those of many channels are held back. */
const MAX_OPEN_ALERTS = 20_000;
const MAX_MESSAGE_LENGTH = 1_024;

export interface AlertWatchOptions {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly store: Pick<Store, 'openAlerts'>;
  readonly alerts: Pick<Alerts, 'raise' | 'resolveKind' | 'restore' | 'waiting'>;
  readonly channels: { list(): readonly LiveChannel[] };
  readonly platforms: { list(): readonly StreamingPlatform[] };
  /** The namespaces that are watched; undefined: all. */
  readonly namespaces: readonly string[] | undefined;
  /** Objects that exist and that this version cannot decode: their alerts stay open. */
  readonly unreadable: () => readonly ObjectMeta[];
  readonly unreadablePlatforms: () => readonly ObjectMeta[];
  /** The limit of streams of a platform; undefined: none is known. */
  readonly maxStreams: (platform: StreamingPlatform) => Promise<number | undefined>;
  readonly event: EmitEvent;
}

/** A channel that has causes of alerts, or of which one is remembered. */
interface Assessed {
  readonly channel: LiveChannel;
  readonly subject: AlertSubject;
  readonly causes: readonly {
    readonly rule: ChannelRule;
    readonly cause: string;
    readonly platform: string;
  }[];
}

/**
 * Raises and resolves the alerts that are not about budgets. What is open is in the database, so a new leader continues
 * where the last one ended; what only counted towards a hold, it counts again.
 */
export class AlertWatch implements Task {
  readonly name = 'alert-watch';
  readonly everyMs = ALERT_CHECK_MS;
  readonly #options: AlertWatchOptions;
  readonly #states = new AlertStates();
  readonly #restarts = new RecentRestarts();
  #readAt: number | undefined;

  constructor(options: AlertWatchOptions) {
    this.#options = options;
  }

  async run(): Promise<boolean> {
    const { clock, channels, platforms, maxStreams } = this.#options;
    await this.#readOpen();
    const all = platforms.list();
    const limits = new Map<string, number | undefined>();
    await Promise.all(
      all.map(async (platform) => limits.set(platform.metadata.name, await maxStreams(platform))),
    );
    // No await from here on, so that all decisions are about one state.
    const now = clock.monotonic();
    const listed = channels.list();
    const standard = all.find(isDefaultPlatform)?.metadata.name ?? '';
    const { assessed, refused } = this.#assessAll(listed, standard, now);
    const affected = countAll(assessed.map(({ causes }) => causes.map(({ platform }) => platform)));
    const heldBack = new Set<string>();
    for (const platform of all) {
      const { name } = platform.metadata;
      const facts: PlatformFacts = {
        platform,
        maxStreams: limits.get(name),
        refused: refused.get(name) ?? 0,
        affected: affected.get(name) ?? 0,
      };
      if (this.#checkPlatform(facts, now)) heldBack.add(name);
    }
    for (const each of assessed) this.#checkChannel(each, heldBack, now);
    this.#forgetOthers(listed, all);
    return false;
  }

  /** Returns whether alerts of single channels of the platform are held back. */
  #checkPlatform(facts: PlatformFacts, now: number): boolean {
    const { platform, affected } = facts;
    const subject = platformSubject(platform.metadata.name);
    const key = subjectKey(subject);
    for (const rule of platformRules) {
      const cause = rule.cause(facts, this.#states.isOpen(rule.kind, key));
      const input = { hasCause: cause !== undefined, heldBack: false };
      this.#act(this.#states.step(rule, subject, input, now), platform, cause);
    }
    return (
      notReady(platform) !== undefined ||
      affected >= MANY_CHANNELS ||
      this.#states.isOpen('PlatformNotReady', key) ||
      this.#states.isOpen('ManyChannelsAffected', key)
    );
  }

  #checkChannel({ channel, subject, causes }: Assessed, heldBack: ReadonlySet<string>, now: number): void {
    for (const rule of channelRules) {
      const found = causes.find((each) => each.rule === rule);
      const platform = found?.platform ?? '';
      const about = platform === '' ? subject : { ...subject, platform };
      const input = { hasCause: found !== undefined, heldBack: heldBack.has(platform) };
      this.#act(this.#states.step(rule, about, input, now), channel, found?.cause);
    }
  }

  /** The channels that need attention, and how many channels wait for a stream of each platform. */
  #assessAll(
    channels: readonly LiveChannel[],
    standard: string,
    now: number,
  ): { readonly assessed: readonly Assessed[]; readonly refused: ReadonlyMap<string, number> } {
    const wall = this.#options.clock.now();
    const assessed: Assessed[] = [];
    const waiting: string[][] = [];
    for (const channel of channels) {
      const facts = { channel, now: wall, recentRestarts: this.#restarts.observe(channel, now) };
      const subject = { ...channelKey(channel), platform: undefined };
      const key = subjectKey(subject);
      const causes = channelRules.flatMap((rule) => {
        const cause = rule.cause(facts, this.#states.isOpen(rule.kind, key));
        return cause === undefined ? [] : [{ rule, cause, platform: blamed(rule, channel, standard) }];
      });
      if (causes.length > 0 || this.#states.has(key)) assessed.push({ channel, subject, causes });
      if (waitsForQuota(channel)) waiting.push([homeOf(channel, standard)]);
    }
    return { assessed, refused: countAll(waiting) };
  }

  #act(
    step: AlertAction | undefined,
    object: LiveChannel | StreamingPlatform,
    cause: string | undefined,
  ): void {
    if (step === undefined) return;
    const { event } = this.#options;
    this.#write(step, cause);
    if (step.action === 'raise') event(object, 'Warning', 'AlertRaised', `${step.kind}: ${cause ?? ''}`);
    else event(object, 'Normal', 'AlertResolved', `${step.kind}: ${alertKinds[step.kind].resolvedWhen}`);
  }

  #write({ action, kind, subject }: AlertAction, cause = ''): void {
    const { alerts, clock } = this.#options;
    const now = clock.now();
    if (action === 'resolve') alerts.resolveKind(subject, kind, now);
    else
      alerts.raise({
        ...subject,
        kind,
        severity: alertKinds[kind].severity,
        raisedAt: now,
        message: oneLine(cause, MAX_MESSAGE_LENGTH),
        occasion: `${kind}/${now.toISOString()}`,
      });
  }

  /** A channel or platform that was deleted has no alerts. */
  #forgetOthers(channels: readonly LiveChannel[], platforms: readonly StreamingPlatform[]): void {
    this.#restarts.keep(channels);
    const { unreadable, unreadablePlatforms } = this.#options;
    const allChannels = [...channels.map(({ metadata }) => metadata), ...unreadable()];
    const allPlatforms = [...platforms.map(({ metadata }) => metadata), ...unreadablePlatforms()];
    const there = new Set([
      ...allChannels.map((metadata) => subjectKey({ ...channelKey({ metadata }), platform: undefined })),
      ...allPlatforms.map(({ name }) => subjectKey(platformSubject(name))),
    ]);
    for (const step of this.#states.removeOthers((key) => there.has(key))) this.#write(step);
  }

  async #readOpen(): Promise<void> {
    const { clock, store, alerts, namespaces } = this.#options;
    const isFirst = this.#readAt === undefined;
    const isDue = this.#readAt === undefined || clock.monotonic() - this.#readAt >= REREAD_INTERVAL_MS;
    // What still waits to be written is newer than the database.
    if (!isDue || (!isFirst && alerts.waiting > 0)) return;
    const open = await store.openAlerts(namespaces, MAX_OPEN_ALERTS);
    this.#readAt = clock.monotonic();
    alerts.restore(open);
    for (const { kind, namespace, channelId, platform } of open)
      if (isWatched(kind)) this.#states.adopt(kind, { namespace, channelId, platform });
  }
}

const watched = new Set<string>([...channelRules, ...platformRules].map(({ kind }) => kind));

/** Budgets are not among them: their alerts follow the decisions of cost control. */
function isWatched(kind: string): kind is AlertKind {
  return watched.has(kind);
}

const platformSubject = (platform: string): AlertSubject => ({
  namespace: undefined,
  channelId: undefined,
  platform,
});

const homeOf = (channel: LiveChannel, standard: string): string => homePlatform(channel) ?? standard;

/** The platform whose outage may be the cause. Empty: none is known. */
function blamed({ blames }: ChannelRule, channel: LiveChannel, standard: string): string {
  const current = blames === 'current' ? channel.status?.streamingPlatform : undefined;
  return current ?? homeOf(channel, standard);
}

const waitsForQuota = ({ status, metadata }: LiveChannel): boolean =>
  status?.relayStatus !== 'active' &&
  metadata.deletionTimestamp === undefined &&
  findCondition(status?.conditions, 'StreamReady')?.reason === 'QuotaExceeded';

/** How many of the lists contain each name. */
function countAll(lists: readonly (readonly string[])[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const names of lists) for (const name of new Set(names)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
