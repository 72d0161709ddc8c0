import { BoundedMap } from '../../base/bounded-map.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { channelIdOf, type ChannelId } from '../../api/channel-id.ts';
import type { LiveChannel } from '../../api/live-channel.ts';
import { isNotFound } from '../../kube/errors.ts';
import type { Store } from '../../store/store.ts';
import type { ChannelCache } from '../cache/channel-cache.ts';
import { ApiProblem } from '../problems.ts';
import type { AuditLog } from '../services/audit-log.ts';
import type { ChannelDraft } from '../services/channel-draft.ts';
import type { ChannelWriter } from '../services/channel-writer.ts';
import { asProblem } from '../services/kube-problems.ts';
import type { ApiMetrics } from '../services/metrics.ts';
import { recordAction } from './action-record.ts';
import { hostActions, isCurrent, type HostAction, type HostPolicy } from './host-actions.ts';
import type { NotificationSecrets } from './notification-secrets.ts';
import { parseNotification, type DestroyNotification, type MemberNotification } from './notification.ts';
import { PresenceWriter } from './presence-writer.ts';
import type { SignatureHeaders } from './signature.ts';

/** Agora waits ten seconds for a response, then it repeats the notification. */
const ACTION_TIMEOUT_MS = 7_000;
/** A relay is started at most once in this time, however often hosts join and leave. */
const RESUME_INTERVAL_MS = 5_000;
/** Channels that one replica creates in a minute: each may create a stream on a platform with a quota. */
const MAX_CREATED_PER_MINUTE = 60;
/** Events that are older are not counted: the database may have forgotten the later ones of their users. */
const PRESENCE_VALID_MS = 3_600_000;
/** Remembered notifications that have been dealt with completely. */
const MAX_KNOWN_NOTICES = 20_000;

/** Receives Agora's notifications. */
export interface AgoraNotifications {
  /**
   * Takes a notification. Resolves when all that it causes has been stored, so that a failure makes Agora repeat it.
   * @throws ApiProblem agora-notifications-disabled, not-authenticated, invalid-request, or one that Agora should retry
   */
  receive(body: Uint8Array, headers: SignatureHeaders, requestId: string): Promise<void>;
}

/** Rejects all notifications. */
export const noNotifications: AgoraNotifications = { receive: () => Promise.reject(disabled()) };

export interface NotificationReceiverParts {
  /** undefined: notifications are disabled. */
  readonly secrets: Pick<NotificationSecrets, 'signersOf'> | undefined;
  /** Signed notifications; others do not count, so that they cannot keep Agora's out. */
  readonly maxPerMinute: number;
  readonly policy: HostPolicy;
  readonly cache: Pick<ChannelCache, 'namespace' | 'relaying' | 'channel'>;
  readonly writer: Pick<ChannelWriter, 'resume' | 'create'>;
  /** The channel that a host's join creates. */
  readonly draft: (id: ChannelId, agoraChannel: string) => ChannelDraft;
  readonly store: Pick<Store, 'addAgoraEvents' | 'agoraChannelDestroyed'> | undefined;
  readonly audit: Pick<AuditLog, 'add'>;
  readonly metrics: Pick<ApiMetrics, 'notifications' | 'notificationActions'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Counts the members of Agora channels, and starts the relays whose hosts join. */
export class NotificationReceiver implements AgoraNotifications {
  readonly #parts: NotificationReceiverParts;
  readonly #presence: PresenceWriter | undefined;
  readonly #known = new BoundedMap<string, true>(MAX_KNOWN_NOTICES);
  /** Monotonic time of the last resume by resource name. */
  readonly #resumed = new BoundedMap<string, number>(10_000);
  /** Notifications since the minute began that ends at this monotonic time. */
  #minute = { end: -Infinity, count: 0 };
  /** Monotonic times of the last creations. */
  #created: number[] = [];

  constructor(parts: NotificationReceiverParts) {
    this.#parts = parts;
    this.#presence = parts.store === undefined ? undefined : new PresenceWriter(parts.store, parts.clock);
  }

  async receive(body: Uint8Array, headers: SignatureHeaders, requestId: string): Promise<void> {
    const { metrics, logger } = this.#parts;
    try {
      metrics.notifications.inc({ outcome: await this.#receive(body, headers, requestId) });
    } catch (error) {
      const problem = asProblem(error, 'handle a notification of Agora');
      const isRefused = problem.code === 'not-authenticated' || problem.code === 'invalid-request';
      metrics.notifications.inc({ outcome: isRefused ? 'rejected' : 'failed' });
      if (problem.status >= 500) logger.warn({ err: problem.cause ?? problem, requestId }, problem.message);
      throw problem;
    }
  }

  async #receive(body: Uint8Array, headers: SignatureHeaders, requestId: string): Promise<Outcome> {
    const projects = await this.#parts.secrets?.signersOf(body, headers);
    if (projects === undefined) throw disabled();
    if (projects.length === 0)
      throw new ApiProblem(
        'not-authenticated',
        "The notification is not signed with any secret of this service. Compare the secret in Agora Console with the service's.",
      );
    this.#admit();
    const notification = parseNotification(Buffer.from(body).toString('utf8'));
    if (notification === undefined)
      throw new ApiProblem('invalid-request', 'The body is not a notification of Agora.');
    if (notification.about === 'nothing') return 'ignored';
    const notice = `${notification.noticeId}/${projects.join()}`;
    if (this.#known.has(notice)) return 'duplicate';
    if (this.#parts.clock.now().getTime() - notification.at.getTime() > PRESENCE_VALID_MS) return 'stale';
    if (notification.about === 'destroy')
      await Promise.all(projects.map((project) => this.#destroyed(project, notification)));
    else await Promise.all(projects.map((project) => this.#member(project, notification, requestId)));
    this.#known.set(notice, true);
    return 'applied';
  }

  /** @throws ApiProblem too-many-requests */
  #admit(): void {
    const { clock, maxPerMinute } = this.#parts;
    const now = clock.monotonic();
    if (now >= this.#minute.end) this.#minute = { end: now + 60_000, count: 0 };
    this.#minute.count += 1;
    if (this.#minute.count > maxPerMinute)
      throw new ApiProblem('too-many-requests', `The limit is ${maxPerMinute} notifications per minute.`, {
        retryAfterSeconds: (this.#minute.end - now) / 1_000,
      });
  }

  async #destroyed(project: string, { agoraChannel, at }: DestroyNotification): Promise<void> {
    const { store, cache } = this.#parts;
    await store?.agoraChannelDestroyed({ namespace: cache.namespace, project, agoraChannel }, at);
  }

  /** A relay is started even while the database is unavailable; the notification fails afterwards, and is repeated. */
  async #member(project: string, event: MemberNotification, requestId: string): Promise<void> {
    const { cache, policy, clock } = this.#parts;
    const { agoraChannel, uid, clientSeq, at, present, role } = event;
    const key = { namespace: cache.namespace, project, agoraChannel };
    let failure: unknown;
    const isNewest = await this.#presence
      ?.write({ ...key, uid, clientSeq, at, present, host: role === 'host' })
      .catch((error: unknown) => {
        failure = error;
        return true;
      });
    if (isNewest !== false && isCurrent(event, clock.now())) {
      const actions = hostActions(project, event, cache.relaying(project, agoraChannel), policy);
      await Promise.all(actions.map((action) => this.#act(action, event, requestId)));
    }
    if (failure !== undefined) throw asProblem(failure, 'count a member of an Agora channel');
  }

  async #act(action: HostAction, event: MemberNotification, requestId: string): Promise<void> {
    const signal = AbortSignal.timeout(ACTION_TIMEOUT_MS);
    const id = action.do === 'create' ? action.id : channelIdOf(action.channel.metadata);
    const work =
      action.do === 'create'
        ? this.#create(action.id, event.agoraChannel, signal)
        : this.#resume(action.channel, signal);
    let outcome: string | undefined;
    try {
      outcome = (await work) ? 'ok' : undefined;
    } catch (error) {
      const problem = asProblem(error, action.do === 'create' ? 'create a channel' : 'start a relay');
      outcome = problem.code;
      if (isWorthRetrying(problem)) throw problem;
      const { logger } = this.#parts;
      logger.warn(
        { err: problem, channel: id, agoraChannel: event.agoraChannel },
        'a host could not be served',
      );
    } finally {
      if (outcome !== undefined)
        recordAction(this.#parts, {
          action: action.do,
          namespace: this.#parts.cache.namespace,
          channelId: id,
          outcome,
          requestId,
          detail: { agoraChannel: event.agoraChannel, hostUids: [event.uid] },
        });
    }
  }

  /** Whether anything was written. */
  async #resume({ metadata: { name } }: LiveChannel, signal: AbortSignal): Promise<boolean> {
    const { clock, writer } = this.#parts;
    const now = clock.monotonic();
    if (now - (this.#resumed.get(name) ?? -Infinity) < RESUME_INTERVAL_MS) return false;
    this.#resumed.set(name, now);
    try {
      await writer.resume(name, clock.now(), signal);
      return true;
    } catch (error) {
      this.#resumed.delete(name);
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async #create(id: ChannelId, agoraChannel: string, signal: AbortSignal): Promise<boolean> {
    const { cache, writer, draft } = this.#parts;
    // A channel of that ID that relays another Agora channel stays as it is.
    if (cache.channel(id) !== undefined) return false;
    this.#admitCreation();
    return (await writer.create(id, draft(id, agoraChannel), signal)).made;
  }

  /** @throws ApiProblem too-many-requests */
  #admitCreation(): void {
    const now = this.#parts.clock.monotonic();
    this.#created = this.#created.filter((at) => now - at < 60_000);
    if (this.#created.length >= MAX_CREATED_PER_MINUTE)
      throw new ApiProblem(
        'too-many-requests',
        `Notifications create at most ${MAX_CREATED_PER_MINUTE} channels per minute.`,
        { retryAfterSeconds: 5 },
      );
    this.#created.push(now);
  }
}

type Outcome = 'applied' | 'ignored' | 'duplicate' | 'stale';

/** Anything else fails again in the same way. */
function isWorthRetrying({ code, retryable }: ApiProblem): boolean {
  return retryable || code === 'channel-ending' || code === 'conflict' || code === 'internal';
}

function disabled(): ApiProblem {
  return new ApiProblem(
    'agora-notifications-disabled',
    "The service has no secret of Agora's notifications. Set the chart's api.agoraNotifications.secretName.",
  );
}
