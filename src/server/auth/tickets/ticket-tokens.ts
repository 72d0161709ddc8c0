import { decodeProtectedHeader, errors, jwtVerify, SignJWT, type JWTVerifyResult } from 'jose';
import type { Clock } from '../../../base/clock.ts';
import { errorCode } from '../../../base/error-text.ts';
import { ApiProblem, isProblem } from '../../problems.ts';
import { invalidToken, refusal } from '../refusal.ts';
import { claimsOf, ticketClaimsSchema, ticketOf, type Ticket } from './ticket.ts';
import type { TicketKeys } from './ticket-keys.ts';

/**
 * The type of a ticket in its JWT header (RFC 8725, 3.11). No OIDC token and no Kubernetes token has it, so that each kind
 * of token is verified with its own keys only.
 */
const TYPE = 'livechannel-ticket+jwt';
/** The only algorithm. Header parameters of a ticket do not influence how it is verified. */
const ALGORITHM = 'HS256';
const ISSUER = 'livechannel-api';
/** Longer than any ticket that the service signs: a channel id of 512 characters and a user id of 128. */
const MAX_LENGTH = 4_096;

/** Whether a token begins like a ticket, by its header. Costs no signature check and no network call. */
export function isTicket(token: string): boolean {
  try {
    return decodeProtectedHeader({ protected: token.split('.', 1)[0] }).typ === TYPE;
  } catch {
    return false;
  }
}

/** Signs and verifies tickets: JWTs for one channel of one namespace, signed with keys that only this service has. */
export class TicketTokens {
  readonly #keys: Pick<TicketKeys, 'all' | 'toSign'>;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #audience: string;

  constructor(keys: Pick<TicketKeys, 'all' | 'toSign'>, namespace: string, clock: Pick<Clock, 'now'>) {
    this.#keys = keys;
    this.#clock = clock;
    this.#audience = `livechannel:${namespace}`;
  }

  /** @throws ApiProblem tickets-not-set-up */
  async sign(ticket: Ticket): Promise<string> {
    const key = await this.#keys.toSign();
    if (key === undefined)
      throw new ApiProblem(
        'tickets-not-set-up',
        'The service has no key for tickets. Mount a Secret whose keys have at least 32 bytes (LIVECHANNEL_API_TICKET_KEYS_DIR; chart: api.tickets).',
      );
    return await new SignJWT(claimsOf(ticket))
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.id })
      .setIssuer(ISSUER)
      .setAudience(this.#audience)
      .sign(key.secret);
  }

  /** @throws ApiProblem ticket-expired, or not-authenticated */
  async verify(token: string): Promise<Ticket> {
    if (token.length > MAX_LENGTH) throw refusal('The ticket is too long');
    const { payload } = await this.#verified(token);
    const claims = ticketClaimsSchema.safeParse(payload);
    if (!claims.success) throw refusal('The ticket is malformed');
    return ticketOf(claims.data);
  }

  async #verified(token: string): Promise<JWTVerifyResult> {
    const keys = await this.#keys.all();
    if (keys.length === 0) throw refusal('Tickets are not accepted by this service');
    const keyOf = ({ kid }: { readonly kid?: string }): Uint8Array => {
      const key = keys.find(({ id }) => id === kid);
      if (key === undefined) throw refusal('The ticket is signed with an unknown key');
      return key.secret;
    };
    try {
      return await jwtVerify(token, keyOf, {
        algorithms: [ALGORITHM],
        typ: TYPE,
        issuer: ISSUER,
        audience: this.#audience,
        currentDate: this.#clock.now(),
        requiredClaims: ['exp', 'iat', 'jti'],
      });
    } catch (error) {
      if (isProblem(error)) throw error;
      // Reported only for a valid signature: its bearer may renew it.
      if (errorCode(error) === errors.JWTExpired.code) throw ticketExpired();
      if (errorCode(error) === errors.JWTClaimValidationFailed.code)
        throw refusal('The ticket is for another namespace, or for another service');
      // Everything is local, so that each error is a fault of the token.
      throw refusal('The ticket is not valid');
    }
  }
}

/** The problem of a ticket that was valid: its bearer requests another one. */
export function ticketExpired(): ApiProblem {
  const detail = 'The ticket has expired';
  return new ApiProblem('ticket-expired', `${detail}. Request another one from the app.`, {
    headers: invalidToken(detail),
  });
}
