import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ChannelId } from '../../api/channel-id.ts';
import type { ApiProblem } from '../problems.ts';
import type { AuditedOperation } from '../contract/audit.ts';
import type { CallContext } from '../service.ts';
import { asProblem } from './kube-problems.ts';
import type { AuditLog } from './audit-log.ts';
import type { ApiMetrics } from './metrics.ts';
import { neededScope, requireScope, type Operation } from './permissions.ts';

/** What the audit log records of a change. */
interface Change {
  readonly channelId: ChannelId | undefined;
  readonly detail?: unknown;
}

/** Wraps every operation: checks the scope, converts errors to problems, records metrics and the audit log. */
export class CallGuard {
  readonly #parts: {
    readonly namespace: string;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: ApiMetrics;
    readonly audit: AuditLog;
  };

  constructor(parts: {
    readonly namespace: string;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: ApiMetrics;
    readonly audit: AuditLog;
  }) {
    this.#parts = parts;
  }

  /** Runs an operation. Throws only ApiProblem. */
  async run<T>(operation: Operation, call: CallContext, work: () => Promise<T> | T): Promise<T> {
    const start = this.#parts.clock.monotonic();
    try {
      requireScope(call.caller, neededScope[operation]);
      const answer = await work();
      this.#count(operation, 'ok', start);
      return answer;
    } catch (error) {
      throw this.#failed(operation, call, error, start);
    }
  }

  /** Like `run`, for synchronous work. */
  runNow<T>(operation: Operation, call: CallContext, work: () => T): T {
    const start = this.#parts.clock.monotonic();
    try {
      requireScope(call.caller, neededScope[operation]);
      const answer = work();
      this.#count(operation, 'ok', start);
      return answer;
    } catch (error) {
      throw this.#failed(operation, call, error, start);
    }
  }

  /** Like `run`, for changes: they are recorded in the audit log, even if they were rejected. */
  async change<T>(
    operation: AuditedOperation,
    call: CallContext,
    change: Change,
    work: () => Promise<T>,
  ): Promise<T> {
    let outcome = 'ok';
    try {
      return await this.run(operation, call, work);
    } catch (error) {
      outcome = asProblem(error, infinitives[operation]).code;
      throw error;
    } finally {
      const { clock, audit, namespace } = this.#parts;
      audit.add({
        at: clock.now(),
        subject: call.caller.subject,
        action: operation,
        namespace,
        channelId: change.channelId,
        outcome,
        requestId: call.requestId,
        address: call.address,
        detail: change.detail ?? {},
      });
    }
  }

  #failed(
    operation: Operation,
    { caller, requestId }: CallContext,
    error: unknown,
    start: number,
  ): ApiProblem {
    const problem = asProblem(error, infinitives[operation]);
    this.#count(operation, problem.code, start);
    const fields = { err: problem.cause ?? problem, operation, requestId, subject: caller.subject };
    if (problem.code === 'internal') this.#parts.logger.error(fields, 'the service failed');
    else if (problem.status >= 500) this.#parts.logger.warn(fields, problem.message);
    return problem;
  }

  #count(operation: Operation, outcome: string, start: number): void {
    const { metrics, clock } = this.#parts;
    metrics.calls.inc({ operation, outcome });
    metrics.seconds.observe({ operation }, (clock.monotonic() - start) / 1_000);
  }
}

/** Each operation as an infinitive, for messages. */
const infinitives: Readonly<Record<Operation, string>> = {
  playback: 'return a playback URL',
  relay: 'read the state of a relay',
  channel: 'read a channel',
  events: 'subscribe to events',
  createChannel: 'create a channel',
  listChannels: 'list channels',
  changeChannel: 'change a channel',
  changeModes: 'change the mode of channels',
  endChannel: 'delete a channel',
  startRelay: 'start a relay',
  stopRelay: 'stop a relay',
  agoraToken: 'create an Agora token',
  feedback: 'count feedback',
  reportQoe: 'add a report of a player',
  qoe: 'read the quality of playback',
  reportAudience: "record a channel's audience",
  createTicket: 'create a ticket',
  metrics: 'read metrics',
  history: 'read the history of a channel',
  usage: 'read uptime and traffic',
  overview: 'read the overview',
  deliveryOptions: 'read the delivery options',
  platforms: 'list platforms',
  alerts: 'read alerts',
  prices: 'read the prices',
  costs: 'read costs',
  budgets: 'list budgets',
  rotateStreamKey: 'request another stream key',
  audit: 'read the audit log',
  apiKeys: 'list API keys',
  createApiKey: 'create an API key',
  revokeApiKey: 'revoke an API key',
};
