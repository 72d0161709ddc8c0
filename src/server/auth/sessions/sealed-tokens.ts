import { EncryptJWT, jwtDecrypt, type JWTPayload } from 'jose';
import type { Clock } from '../../../base/clock.ts';
import type { SessionKeys } from './session-keys.ts';

/** A browser sends no cookie that is longer. */
const MAX_TOKEN_CHARACTERS = 4_096;

/** What a token is for: one of one kind is not accepted as another. */
export type TokenKind = 'livechannel-session+jwt' | 'livechannel-login+jwt';

/**
 * Tokens that only this service can read or create: JWEs (RFC 7516) by direct encryption with A256GCM, which browsers keep
 * in cookies. They are bound to the namespace of the service.
 */
export class SealedTokens {
  readonly #keys: Pick<SessionKeys, 'all'>;
  readonly #namespace: string;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(keys: Pick<SessionKeys, 'all'>, namespace: string, clock: Pick<Clock, 'now'>) {
    this.#keys = keys;
    this.#namespace = namespace;
    this.#clock = clock;
  }

  async canSeal(): Promise<boolean> {
    return (await this.#keys.all()).length > 0;
  }

  /** undefined: there is no key. */
  async seal(kind: TokenKind, claims: JWTPayload, expiresAt: Date): Promise<string | undefined> {
    const [key] = await this.#keys.all();
    if (key === undefined) return undefined;
    return new EncryptJWT(claims)
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: kind })
      .setAudience(this.#namespace)
      .setExpirationTime(expiresAt)
      .encrypt(key);
  }

  /** undefined: no key opens it, it has expired, or it is of another kind or namespace. */
  async open(
    kind: TokenKind,
    token: string,
  ): Promise<{ readonly claims: JWTPayload; readonly expiresAt: Date } | undefined> {
    if (token.length > MAX_TOKEN_CHARACTERS) return undefined;
    for (const key of await this.#keys.all())
      try {
        const { payload } = await jwtDecrypt(token, key, {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          audience: this.#namespace,
          typ: kind,
          requiredClaims: ['exp'],
          currentDate: this.#clock.now(),
        });
        return { claims: payload, expiresAt: new Date((payload.exp ?? 0) * 1_000) };
      } catch {
        // Whatever is wrong with it, the next key may be the right one.
      }
    return undefined;
  }
}
