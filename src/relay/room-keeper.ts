import type { Logger } from 'pino';
import { backoffDelay, type BackoffPolicy } from '../base/backoff.ts';
import type { Clock } from '../base/clock.ts';
import type { Fault, RoomFacts } from './facts.ts';
import type {
  Host,
  JoinSettings,
  PageCommand,
  PageEvent,
  Reception,
  RoomFault,
  VideoStream,
} from './page-protocol.ts';
import { ReceptionMeter, type ReceptionFigures } from './reception-meter.ts';

const BACKOFF: BackoffPolicy = { initialMs: 1_000, maxMs: 15_000, factor: 2, jitter: 0.2, spread: 'around' };
/** A refused token is tried once more, in case the fault was with the service and not the token. */
const TOKEN_RETRY_MS = 1_000;
/** After the membership is lost, the last known host is assumed to be still present for this time. */
const HOST_REMEMBERED_MS = 15_000;

/** What a RoomKeeper needs. */
export interface RoomKeeperOptions {
  /** Everything needed to join except the token. */
  readonly settings: Omit<JoinSettings, 'token'>;
  /** Null for a project without an App Certificate. */
  readonly token: () => string | null;
  readonly send: (command: PageCommand) => boolean;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly random: () => number;
  readonly log: Logger;
  /** Called when the membership ended or could not be established. */
  readonly onFault: (fault: Fault) => void;
}

/** Tracks the state of the page's membership of the Agora channel, and sends the page its commands. */
export class RoomKeeper {
  readonly #options: RoomKeeperOptions;
  #phase: RoomFacts['phase'] = 'out';
  #since = 0;
  #retryAt = 0;
  #fault: RoomFault | undefined;
  #failures = 0;
  #tokenGiven: string | null = null;
  #tokenRefusals = 0;
  #host: Host | null = null;
  #hostKnownAt = -Infinity;
  #videoSince: number | undefined;
  #videoStream: VideoStream = 'high';
  #packetsAt: number | undefined;
  readonly #reception = new ReceptionMeter();

  constructor(options: RoomKeeperOptions) {
    this.#options = options;
  }

  get facts(): RoomFacts {
    if (this.#phase !== 'joined' && this.#options.clock.monotonic() - this.#hostKnownAt > HOST_REMEMBERED_MS)
      this.#host = null;
    const { channelName, hostUid } = this.#options.settings;
    return {
      channelName,
      hostUid,
      phase: this.#phase,
      since: this.#since,
      retryAt: this.#retryAt,
      fault: this.#fault,
      tokenRefusals: this.#tokenRefusals,
      host: this.#host,
      videoSince: this.#videoSince,
      videoStream: this.#videoStream,
      packetsAt: this.#packetsAt,
    };
  }

  /** How well the host's media reaches the browser. */
  reception(now: number): ReceptionFigures {
    return this.#reception.figures(now);
  }

  /** Joins the channel, for the first time or again. */
  join(): void {
    const { settings, token, send } = this.#options;
    this.#tokenGiven = token();
    if (!send({ type: 'join', settings: { ...settings, token: this.#tokenGiven } })) return;
    this.#enter('joining');
    if (this.#videoStream === 'low') send({ type: 'video-stream', stream: 'low' });
  }

  /** Selects which of the host's two streams is received from now on. */
  chooseStream(stream: VideoStream): void {
    if (this.#options.send({ type: 'video-stream', stream })) this.#videoStream = stream;
  }

  requestKeyframe(): void {
    this.#options.send({ type: 'request-keyframe' });
  }

  /** To be called when the page is gone, and the membership with it. */
  pageLost(): void {
    this.#enter('out');
    this.#retryAt = 0;
    this.#reception.restart();
  }

  /** To be called when the token's file contains another token. */
  tokenChanged(): void {
    this.#tokenRefusals = 0;
    if (this.#phase === 'out') this.#retryAt = 0;
    else this.#renewToken();
  }

  take(event: PageEvent): void {
    const { log } = this.#options;
    switch (event.type) {
      case 'heartbeat':
        if (event.reception !== undefined) this.#received(event.reception);
        break;
      case 'joined':
        this.#enter('joined');
        this.#fault = undefined;
        this.#failures = 0;
        this.#tokenRefusals = 0;
        log.info({ part: 'agora' }, 'joined');
        break;
      case 'left':
        this.#left(event.fault);
        break;
      case 'host':
        if (event.host?.uid !== this.#host?.uid)
          log.info({ part: 'agora', host: event.host?.uid ?? null }, 'host');
        this.#setHost(event.host);
        break;
      case 'connection':
        log.info({ part: 'agora', state: event.state, why: event.reason }, 'connection');
        break;
      case 'token-will-expire':
        this.#renewToken();
        break;
      case 'error':
        log.warn({ part: 'agora', error: event.message }, 'page error');
        break;
    }
  }

  /**
   * Sends a new token to the page. Renewing with the same token would only cause the SDK to report again that it
   * expires.
   */
  #renewToken(): void {
    const { token, send, log } = this.#options;
    const renewed = token();
    if (renewed === null || renewed === this.#tokenGiven) {
      log.warn(
        { part: 'agora' },
        'the token is about to expire, and its file does not contain a new one yet',
      );
      return;
    }
    this.#tokenGiven = renewed;
    send({ type: 'renew-token', token: renewed });
  }

  #left(fault: RoomFault): void {
    const { clock, random, log, onFault } = this.#options;
    this.#enter('out');
    this.#fault = fault;
    this.#failures++;
    if (fault.cause === 'token-rejected') this.#tokenRefusals++;
    this.#retryAt =
      clock.monotonic() +
      (fault.cause === 'token-rejected' ? TOKEN_RETRY_MS : backoffDelay(BACKOFF, this.#failures, random));
    log.warn(
      { part: 'agora', cause: fault.cause, failures: this.#failures, detail: fault.detail },
      fault.message,
    );
    onFault({ reason: FAULT_REASONS[fault.cause], message: fault.message });
  }

  #enter(phase: RoomFacts['phase']): void {
    if (this.#phase === 'joined' && phase !== 'joined') this.#hostKnownAt = this.#options.clock.monotonic();
    this.#phase = phase;
    this.#since = this.#options.clock.monotonic();
    if (phase !== 'joined') this.#videoSince = undefined;
    this.#packetsAt = undefined;
  }

  #received(reception: Reception): void {
    const now = this.#options.clock.monotonic();
    if (this.#reception.add(reception, now)) this.#packetsAt = now;
  }

  #setHost(host: Host | null): void {
    this.#hostKnownAt = this.#options.clock.monotonic();
    const same = host?.uid === this.#host?.uid;
    this.#videoSince =
      host?.video === true
        ? ((same ? this.#videoSince : undefined) ?? this.#options.clock.monotonic())
        : undefined;
    this.#host = host;
  }
}

const FAULT_REASONS = {
  'token-rejected': 'AgoraTokenRejected',
  banned: 'AgoraBanned',
  retry: 'AgoraUnreachable',
} as const;
