import { ApiProblem } from '../problems.ts';
import { scopes, type Caller, type Scope, type Services } from '../service.ts';

export type Operation = keyof Services;

/**
 * The scope that each operation takes. `playback`: what a page of buyers needs. `operate`: what the app's own back end
 * does. `admin`: money. Agora tokens are for the app alone, also a viewer's: who may watch on Agora is its decision.
 */
export const neededScope = {
  playback: 'playback',
  relay: 'playback',
  channel: 'playback',
  /** Of one channel; of all of them: see `allEventsScope`. */
  events: 'playback',
  createChannel: 'operate',
  listChannels: 'operate',
  changeChannel: 'operate',
  endChannel: 'operate',
  startRelay: 'operate',
  stopRelay: 'operate',
  agoraToken: 'operate',
  reportAudience: 'operate',
  metrics: 'operate',
  platforms: 'operate',
  alerts: 'operate',
  costs: 'admin',
} as const satisfies Record<Operation, Scope>;

export const allEventsScope: Scope = 'operate';

/** @throws Problem not-authenticated (nobody knows who asks) or not-allowed. */
export function requireScope({ subject, scope }: Caller, needed: Scope): void {
  if (scope !== undefined && scopes.indexOf(scope) >= scopes.indexOf(needed)) return;
  const extensions = { scope: needed };
  if (subject === 'anonymous')
    throw new ApiProblem('not-authenticated', `This takes credentials of the scope ${needed}.`, {
      extensions,
      headers: { 'www-authenticate': 'Bearer' },
    });
  const has = scope === undefined ? 'no scope' : `the scope ${scope}`;
  throw new ApiProblem('not-allowed', `This takes the scope ${needed}; ${subject} has ${has}.`, {
    extensions,
  });
}
