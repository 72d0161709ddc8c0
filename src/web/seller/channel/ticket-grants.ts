import { isRecord, parseJson } from '../../player/channel/parsing.ts';

export interface TicketGrants {
  readonly start: boolean;
  readonly stop: boolean;
}

export const noGrants: TicketGrants = { start: false, stop: false };

/**
 * What a ticket (a JWT) grants, so that no button is shown that the service refuses. Nothing is verified here: the service
 * does that. Anything that is not a ticket grants nothing.
 */
export function grantsOf(ticket: string | undefined): TicketGrants {
  const claims = parseJson(decoded(ticket?.split('.', 2)[1] ?? ''));
  if (!isRecord(claims) || claims['role'] !== 'seller' || !Array.isArray(claims['grants'])) return noGrants;
  const grants: readonly unknown[] = claims['grants'];
  return { start: grants.includes('start'), stop: grants.includes('stop') };
}

function decoded(base64url: string): string {
  try {
    return atob(base64url.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return '';
  }
}
