import { z } from 'zod';
import type { Clock } from '../../../base/clock.ts';
import type { AuditEntry } from '../../../store/store.ts';
import { ApiProblem, isProblem } from '../../problems.ts';
import type { LoginMethod, LoginScope } from '../../contract/sessions.ts';
import type { CallContext } from '../../service.ts';
import { parseApiKey } from '../api-key.ts';
import type { Authenticate } from '../authenticate.ts';
import type { FailedAttempts } from '../failed-attempts.ts';
import { refusal } from '../refusal.ts';
import { LOGIN_COOKIE, setCookie } from './cookies.ts';
import { HOME_PATH, returnPath } from './login-paths.ts';
import { scopeForLogin, type OidcLogin } from './oidc-login.ts';
import type { SealedTokens } from './sealed-tokens.ts';
import { subjectOf, type Session, type SessionHolder } from './session.ts';
import type { Sessions } from './sessions.ts';

const KIND = 'livechannel-login+jwt';
/** Time for the user to sign in at the issuer. */
const PENDING_MS = 600_000;

const pendingClaims = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string().regex(returnPath),
});

export interface LoginOptions {
  readonly sessions: Sessions;
  readonly tokens: SealedTokens;
  /** undefined: no login at an issuer. */
  readonly oidc: OidcLogin | undefined;
  readonly authenticate: Authenticate;
  readonly attempts: FailedAttempts;
  readonly audit: { add(entry: AuditEntry): void };
  readonly namespace: string;
  readonly clock: Pick<Clock, 'now'>;
}

/** A request to log in or out: its id, and the address of the client, whose failed attempts are limited. */
export interface LoginCall extends Pick<CallContext, 'requestId' | 'signal'> {
  readonly address: string;
}

/** A session, and the header Set-Cookie that gives it to the browser. */
export interface StartedSession {
  readonly session: Session;
  readonly cookie: string;
}

/** Who has logged in. */
interface User {
  readonly holder: SessionHolder;
  readonly scope: LoginScope;
}

/** Login and logout of browsers. Each of them is recorded in the audit log, also when it is refused. */
export class Login {
  readonly #options: LoginOptions;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /** @throws ApiProblem login-not-set-up */
  async methods(): Promise<readonly LoginMethod[]> {
    const { sessions, oidc } = this.#options;
    if (!(await sessions.canStart())) throw notSetUp();
    return [
      ...(sessions.acceptsApiKeys ? ['api-key' as const] : []),
      ...(oidc === undefined ? [] : ['oidc' as const]),
    ];
  }

  /** @throws ApiProblem not-authenticated, not-allowed (a key without scope operate), too-many-requests, login-not-set-up */
  async withApiKey(apiKey: string, call: LoginCall): Promise<StartedSession & User> {
    await this.methods();
    const id = parseApiKey(apiKey)?.id;
    return this.#attempt('api-key', call, id, async () => {
      const { authenticate } = this.#options;
      if (id === undefined) throw refusal('The API key is malformed');
      const caller = await authenticate({ authorization: `Bearer ${apiKey}` }, call, call.address);
      return { holder: { kind: 'api-key', id }, scope: scopeForLogin(caller) };
    });
  }

  /**
   * Starts a login at the issuer: the page to send the browser to, and the cookie that it brings back. The cookie is Lax,
   * because the issuer's page, of another site, navigates to the callback.
   */
  async beginOidc(
    returnTo: string | undefined,
  ): Promise<{ readonly address: string; readonly cookie: string }> {
    const { address, pending } = await this.#oidc().begin();
    const { tokens, clock } = this.#options;
    const expiresAt = new Date(clock.now().getTime() + PENDING_MS);
    const claims = { ...pending, returnTo: returnTo ?? HOME_PATH };
    const token = await tokens.seal(KIND, claims, expiresAt);
    if (token === undefined) throw notSetUp();
    return {
      address: address.href,
      cookie: setCookie(LOGIN_COOKIE, token, { lifeMs: PENDING_MS, sameSite: 'Lax' }),
    };
  }

  /** Ends a login at the issuer, whose answer is the query of the callback. `pending` is the value of the cookie. */
  async finishOidc(
    query: string,
    pending: string | undefined,
    call: LoginCall,
  ): Promise<StartedSession & { readonly returnTo: string }> {
    const oidc = this.#oidc();
    const { tokens, attempts } = this.#options;
    const opened = pending === undefined ? undefined : await tokens.open(KIND, pending);
    const { data } = pendingClaims.safeParse(opened?.claims);
    const started = await this.#attempt('oidc', call, undefined, async () => {
      if (data === undefined) throw refusal('The login was not started in this browser, or took too long');
      const finish = async (): Promise<User> => {
        const holder = await oidc.finish(query, data, call.signal);
        return { holder, scope: holder.scope };
      };
      return attempts.check({ address: call.address, identity: undefined }, finish, isProblemOfClient);
    });
    return { ...started, returnTo: data?.returnTo ?? HOME_PATH };
  }

  /** The session of a cookie with as much time as it may have; undefined: it has ended. */
  async renew(token: string): Promise<StartedSession | undefined> {
    const { sessions } = this.#options;
    const session = await sessions.open(token);
    if (session === undefined) return undefined;
    const longer = sessions.renew(session);
    const cookie = await sessions.cookieOf(longer);
    return cookie === undefined ? undefined : { session: longer, cookie };
  }

  /** Records the logout. The cookie itself is deleted by the answer. */
  async end(token: string, call: Pick<LoginCall, 'requestId' | 'address'>): Promise<void> {
    const session = await this.#options.sessions.open(token);
    if (session === undefined) return;
    const { holder } = session;
    this.#note('logout', call, {
      subject: subjectOf(holder),
      outcome: 'ok',
      detail: { method: holder.kind },
    });
  }

  async #attempt(
    method: LoginMethod,
    call: LoginCall,
    keyId: string | undefined,
    identify: () => Promise<User>,
  ): Promise<StartedSession & User> {
    const { sessions } = this.#options;
    try {
      const user = await identify();
      const session = sessions.start(user.holder);
      const cookie = await sessions.cookieOf(session);
      if (cookie === undefined) throw notSetUp();
      this.#note('login', call, {
        subject: subjectOf(session.holder),
        outcome: 'ok',
        detail: { method },
      });
      return { ...user, session, cookie };
    } catch (error) {
      // Beyond the limit, entries would be as many as the attempts.
      if (isProblem(error) && error.code !== 'too-many-requests')
        this.#note('login', call, {
          subject: 'anonymous',
          outcome: error.code,
          // Named by the caller, and not verified.
          detail: { method, ...(keyId === undefined ? {} : { keyId }) },
        });
      throw error;
    }
  }

  #note(
    action: 'login' | 'logout',
    { requestId, address }: Pick<LoginCall, 'requestId' | 'address'>,
    what: Pick<AuditEntry, 'subject' | 'outcome' | 'detail'>,
  ): void {
    const { audit, namespace, clock } = this.#options;
    audit.add({ at: clock.now(), action, namespace, channelId: undefined, requestId, address, ...what });
  }

  #oidc(): OidcLogin {
    const { oidc } = this.#options;
    if (oidc !== undefined) return oidc;
    throw new ApiProblem(
      'login-not-set-up',
      'There is no login at an OIDC issuer. Set LIVECHANNEL_API_OIDC_CLIENT_ID.',
    );
  }
}

const isProblemOfClient = (error: unknown): boolean => isProblem(error) && error.status < 500;

export function notSetUp(): ApiProblem {
  return new ApiProblem(
    'login-not-set-up',
    'There is no login: the service has no key for sessions. Set LIVECHANNEL_API_SESSION_KEYS_FILE to a file with a line of at least 32 random characters (chart: api.login).',
  );
}
