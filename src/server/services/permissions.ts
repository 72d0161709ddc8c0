import type { Access } from '../../api/values.ts';
import { ApiProblem } from '../problems.ts';
import { scopes, type Caller, type Scope, type Services } from '../service.ts';

export type Operation = keyof Services;

/**
 * The scope that each operation requires. `playback`: what a buyer's page needs. `operate`: what the app's back end
 * does. `admin`: costs, and who may do what. Agora tokens require operate, even for viewers, because the app decides who may watch on Agora.
 */
export const neededScope = {
  playback: 'playback',
  relay: 'playback',
  channel: 'playback',
  /** Events of one channel. Those of all channels require `allEventsScope`. */
  events: 'playback',
  feedback: 'playback',
  reportQoe: 'playback',
  createChannel: 'operate',
  listChannels: 'operate',
  changeChannel: 'operate',
  changeModes: 'operate',
  endChannel: 'operate',
  startRelay: 'operate',
  stopRelay: 'operate',
  agoraToken: 'operate',
  reportAudience: 'operate',
  createTicket: 'operate',
  metrics: 'operate',
  history: 'operate',
  qoe: 'operate',
  usage: 'operate',
  overview: 'operate',
  deliveryOptions: 'operate',
  platforms: 'operate',
  alerts: 'operate',
  prices: 'operate',
  costs: 'admin',
  budgets: 'admin',
  rotateStreamKey: 'operate',
  audit: 'admin',
  apiKeys: 'admin',
  createApiKey: 'admin',
  revokeApiKey: 'admin',
} as const satisfies Record<Operation, Scope>;

export const allEventsScope: Scope = 'operate';

/** Whether the caller has the scope, or one that includes it. */
export function hasScope({ scope }: Pick<Caller, 'scope'>, needed: Scope): boolean {
  return scope !== undefined && scopes.indexOf(scope) >= scopes.indexOf(needed);
}

/** @throws ApiProblem not-authenticated (no credentials) or not-allowed (another scope). */
export function requireScope(caller: Caller, needed: Scope): void {
  if (hasScope(caller, needed)) return;
  const { subject, scope, ticket } = caller;
  const extensions = { scope: needed };
  if (subject === 'anonymous')
    throw new ApiProblem('not-authenticated', `Requires credentials with scope "${needed}".`, {
      extensions,
      headers: { 'www-authenticate': 'Bearer' },
    });
  if (ticket !== undefined)
    throw new ApiProblem(
      'not-allowed',
      `The ticket, for a ${ticket.role} of one channel, does not allow this.`,
      {
        extensions,
      },
    );
  const has = scope === undefined ? 'no scope' : `scope "${scope}"`;
  throw new ApiProblem('not-allowed', `Requires scope "${needed}"; ${subject} has ${has}.`, {
    extensions,
  });
}

/**
 * Public playback is for channels with public playback.
 * @throws ApiProblem not-authenticated or not-allowed: the channel requires signed addresses, which are for viewers whom
 *   the app has admitted.
 */
export function requireAccess(caller: Caller, access: Access): void {
  if (caller.publicOnly !== true || access === 'public') return;
  requireScope({ subject: caller.subject, scope: undefined }, 'playback');
}
