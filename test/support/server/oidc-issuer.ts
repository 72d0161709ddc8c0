import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHash, randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

/** A client of the authorization code flow. */
export const oidcClient = {
  id: 'dashboard',
  secret: 'the-secret-of-the-client',
  redirectPath: '/login/oidc/callback',
};

/** What a user grants: claims of the ID token and of the access token. */
export interface Grant {
  readonly idToken: Readonly<Record<string, unknown>>;
  readonly accessToken: Readonly<Record<string, unknown>>;
}

/** An OpenID provider on a real socket: discovery, JWKS, tokens signed with its keys, and the code flow with PKCE. */
export class OidcIssuer implements AsyncDisposable {
  readonly #server: Server;
  #keys: SigningKey[] = [];
  url = '';
  /** The response to every request, to simulate a failure. */
  status = 200;
  /** A discovery document that replaces the correct one. */
  discovery: Record<string, unknown> = {};
  fetched = { discovery: 0, keys: 0 };
  /** The user who is signed in at the issuer, and agrees at once. undefined: its page answers 404. */
  user: Partial<Grant> | undefined;
  /** Every token that it issued by the code flow. */
  readonly issued: string[] = [];
  readonly #codes = new Map<string, { readonly request: URLSearchParams; readonly grant: Grant }>();

  private constructor() {
    this.#server = createServer((request, response) => {
      void (async () => {
        const { url = '', headers } = request;
        const exchanged =
          url === '/token'
            ? await this.#exchange(headers.authorization, new URLSearchParams(await text(request)))
            : undefined;
        if (url.startsWith('/authorize') && this.user !== undefined) {
          const address = new URL(url, this.url);
          const callback = address.searchParams.get('redirect_uri') ?? '';
          response
            .writeHead(302, { location: `${callback}?${this.authorize(address.href, this.user)}` })
            .end();
          return;
        }
        const body = exchanged ?? this.#answer(url);
        const failed = url === '/token' && exchanged !== undefined && 'error' in exchanged;
        const status = body === undefined ? 404 : failed ? 400 : this.status;
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body ?? {}));
      })();
    });
  }

  static async start(): Promise<OidcIssuer> {
    const issuer = new OidcIssuer();
    await issuer.addKey('first');
    await issuer.listen();
    return issuer;
  }

  async listen(port = 0): Promise<void> {
    const listening = Promise.withResolvers<undefined>();
    this.#server.listen(port, '127.0.0.1', () => listening.resolve(undefined));
    await listening.promise;
    this.url = `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`; // it listens on TCP
  }

  async close(): Promise<void> {
    const closed = Promise.withResolvers<undefined>();
    this.#server.close(() => closed.resolve(undefined));
    this.#server.closeAllConnections();
    await closed.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.close();
  }

  async addKey(kid: string, alg = 'RS256'): Promise<SigningKey> {
    const { privateKey, publicKey } = await generateKeyPair(alg);
    const key = { kid, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } };
    this.#keys.push(key);
    return key;
  }

  removeKey(kid: string): void {
    this.#keys = this.#keys.filter((key) => key.kid !== kid);
  }

  publicKey(kid: string): JWK {
    return this.#key(kid).jwk;
  }

  /** A token valid for an hour, from this issuer, for livechannel, of app-1, unless claims override it. */
  async token(
    claims: Readonly<Record<string, unknown>> = {},
    { kid = 'first', header = {}, key }: { kid?: string; header?: object; key?: SigningKey } = {},
  ): Promise<string> {
    const { privateKey, jwk } = key ?? this.#key(kid);
    const now = Math.floor(Date.now() / 1_000);
    const payload = {
      iss: this.url,
      aud: 'livechannel',
      sub: 'app-1',
      iat: now,
      exp: now + 3_600,
      ...claims,
    };
    return new SignJWT(payload)
      .setProtectedHeader({ alg: jwk.alg ?? 'RS256', kid, ...header })
      .sign(privateKey);
  }

  /** What its page does when the user agrees: the query of the callback. */
  authorize(address: string, grant: Partial<Grant> = {}): string {
    const { origin, pathname, searchParams: request } = new URL(address);
    if (`${origin}${pathname}` !== `${this.url}/authorize`) throw new Error(`not its page: ${address}`);
    if (request.get('code_challenge_method') !== 'S256' || request.get('response_type') !== 'code')
      throw new Error('not the code flow with PKCE');
    const code = randomBytes(16).toString('hex');
    this.#codes.set(code, { request, grant: { idToken: {}, accessToken: {}, ...grant } });
    return new URLSearchParams({ code, state: request.get('state') ?? '', iss: this.url }).toString();
  }

  /** RFC 6749, 4.1.3, with client_secret_basic or client_secret_post; each code once. */
  async #exchange(authorization: string | undefined, form: URLSearchParams): Promise<object> {
    const code = form.get('code') ?? '';
    const known = this.#codes.get(code);
    this.#codes.delete(code);
    const [, basic = ''] = authorization?.split(' ') ?? [];
    const sent = [
      Buffer.from(basic, 'base64').toString(),
      `${form.get('client_id') ?? ''}:${form.get('client_secret') ?? ''}`,
    ];
    if (!sent.includes(`${oidcClient.id}:${oidcClient.secret}`)) return { error: 'invalid_client' };
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (
      known?.request.get('code_challenge') !== challenge ||
      known.request.get('redirect_uri') !== form.get('redirect_uri')
    )
      return { error: 'invalid_grant' };
    const nonce = known.request.get('nonce');
    const idToken = await this.token({ aud: oidcClient.id, nonce, ...known.grant.idToken });
    const accessToken = await this.token(known.grant.accessToken);
    this.issued.push(idToken, accessToken);
    return { access_token: accessToken, id_token: idToken, token_type: 'Bearer', expires_in: 300 };
  }

  #key(kid: string): SigningKey {
    const key = this.#keys.find((each) => each.kid === kid);
    if (key === undefined) throw new Error(`no key ${kid}`);
    return key;
  }

  #answer(path: string): unknown {
    if (path === '/.well-known/openid-configuration') {
      this.fetched.discovery += 1;
      return {
        issuer: this.url,
        jwks_uri: `${this.url}/keys`,
        authorization_endpoint: `${this.url}/authorize`,
        token_endpoint: `${this.url}/token`,
        authorization_response_iss_parameter_supported: true,
        ...this.discovery,
      };
    }
    if (path !== '/keys') return undefined;
    this.fetched.keys += 1;
    return { keys: this.#keys.map(({ jwk }) => jwk) };
  }
}
