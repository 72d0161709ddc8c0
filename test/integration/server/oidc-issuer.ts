import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

/** An OpenID provider on a real socket: discovery, JWKS, and tokens signed with its keys. */
export class OidcIssuer implements AsyncDisposable {
  readonly #server: Server;
  #keys: SigningKey[] = [];
  url = '';
  /** The response to every request, to simulate a failure. */
  status = 200;
  /** A discovery document that replaces the correct one. */
  discovery: Record<string, unknown> = {};
  fetched = { discovery: 0, keys: 0 };

  private constructor() {
    this.#server = createServer((request, response) => {
      const body = this.#answer(request.url ?? '');
      response.writeHead(body === undefined ? 404 : this.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? {}));
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

  #key(kid: string): SigningKey {
    const key = this.#keys.find((each) => each.kid === kid);
    if (key === undefined) throw new Error(`no key ${kid}`);
    return key;
  }

  #answer(path: string): unknown {
    if (path === '/.well-known/openid-configuration') {
      this.fetched.discovery += 1;
      return { issuer: this.url, jwks_uri: `${this.url}/keys`, ...this.discovery };
    }
    if (path !== '/keys') return undefined;
    this.fetched.keys += 1;
    return { keys: this.#keys.map(({ jwk }) => jwk) };
  }
}
