import type { Clock } from '../../../base/clock.ts';
import { refusal } from '../refusal.ts';
import type { Accepted } from '../verifier.ts';
import { SESSION_COOKIE, setCookie } from './cookies.ts';
import type { SealedTokens } from './sealed-tokens.ts';
import {
  newSession,
  renewed,
  sessionClaims,
  subjectOf,
  type Session,
  type SessionHolder,
} from './session.ts';

const KIND = 'livechannel-session+jwt';

/** The sessions of browsers, which are kept in their cookies and nowhere else. */
export class Sessions {
  readonly #tokens: SealedTokens;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #keyHolder: ((id: string) => Promise<Accepted>) | undefined;

  /** `keyHolder` checks an API key by its id; undefined: API keys are not accepted. */
  constructor(options: {
    readonly tokens: SealedTokens;
    readonly clock: Pick<Clock, 'now'>;
    readonly keyHolder: ((id: string) => Promise<Accepted>) | undefined;
  }) {
    this.#tokens = options.tokens;
    this.#clock = options.clock;
    this.#keyHolder = options.keyHolder;
  }

  get acceptsApiKeys(): boolean {
    return this.#keyHolder !== undefined;
  }

  /** Whether there is a key for sessions. */
  canStart(): Promise<boolean> {
    return this.#tokens.canSeal();
  }

  start(holder: SessionHolder): Session {
    return newSession(holder, this.#clock.now());
  }

  renew(session: Session): Session {
    return renewed(session, this.#clock.now());
  }

  /** The header Set-Cookie of the session; undefined: there is no key for it. */
  async cookieOf({ holder, startedAt, expiresAt }: Session): Promise<string | undefined> {
    const claims = { holder, startedAt: startedAt.toISOString() };
    const token = await this.#tokens.seal(KIND, claims, expiresAt);
    if (token === undefined) return undefined;
    return setCookie(SESSION_COOKIE, token, { lifeMs: expiresAt.getTime() - this.#clock.now().getTime() });
  }

  /** The session of a cookie's value; undefined: it is forged, or has expired. Whether its key is revoked is not checked. */
  async open(token: string): Promise<Session | undefined> {
    const opened = await this.#tokens.open(KIND, token);
    const { data } = sessionClaims.safeParse(opened?.claims);
    return opened === undefined || data === undefined ? undefined : { ...data, expiresAt: opened.expiresAt };
  }

  /** The caller of a cookie's value. @throws ApiProblem not-authenticated, store-unavailable */
  async verify(token: string): Promise<Accepted> {
    const session = await this.open(token);
    if (session === undefined) throw refusal('The session has expired');
    const { holder, expiresAt } = session;
    const { caller, expiresAt: keyExpiresAt } =
      holder.kind === 'api-key'
        ? await this.#holderOfKey(holder.id)
        : { caller: { subject: subjectOf(holder), scope: holder.scope }, expiresAt };
    return {
      caller: { ...caller, session: true },
      expiresAt: keyExpiresAt === undefined || keyExpiresAt > expiresAt ? expiresAt : keyExpiresAt,
    };
  }

  #holderOfKey(id: string): Promise<Accepted> {
    if (this.#keyHolder === undefined) throw refusal('API keys are not accepted by this service');
    return this.#keyHolder(id);
  }
}
