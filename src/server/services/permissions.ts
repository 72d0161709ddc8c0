import type { Access } from '../../api/values.ts';
import { ApiProblem } from '../problems.ts';
import { scopes, type Caller, type Scope, type Services } from '../service.ts';

export type Operation = keyof Services;

/**
 * The scope that each operation requires. `playback`: what a buyer's page needs. `operate`: what the app's back end
 * does. `admin`: costs. Agora tokens require operate, even for viewers, because the app decides who may watch on Agora.
 */
export const neededScope = {
  playback: 'playback',
  relay: 'playback',
  channel: 'playback',
  /** Events of one channel. Those of all channels require `allEventsScope`. */
  events: 'playback',
  feedback: 'playback',
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
  usage: 'operate',
  platforms: 'operate',
  alerts: 'operate',
  costs: 'admin',
} as const satisfies Record<Operation, Scope>;

export const allEventsScope: Scope = 'operate';

/** @throws ApiProblem not-authenticated (no credentials) or not-allowed (another scope). */
export function requireScope({ subject, scope, ticket }: Caller, needed: Scope): void {
  if (scope !== undefined && scopes.indexOf(scope) >= scopes.indexOf(needed)) return;
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
