import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { exportSPKI, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { systemClock } from '../../../src/base/clock.ts';
import { oidcTokens, type OidcOptions } from '../../../src/server/auth/oidc-tokens.ts';
import type { Accepted, Verify } from '../../../src/server/auth/verifier.ts';
import { OidcIssuer } from '../../support/server/oidc-issuer.ts';

let issuer: OidcIssuer;
beforeEach(async () => {
  issuer = await OidcIssuer.start();
});
afterEach(async () => {
  await issuer[Symbol.asyncDispose]();
});

function verifier(options: Partial<OidcOptions> = {}): (token: string) => Promise<Accepted> {
  const verify: Verify = oidcTokens({
    issuer: issuer.url,
    audience: 'livechannel',
    scopeClaim: 'scope',
    clock: systemClock,
    ...options,
  });
  return (token) => verify(token, AbortSignal.timeout(10_000));
}

describe('tokens of an OIDC issuer', () => {
  test('a valid one contains subject, scope and expiry', async () => {
    const exp = Math.floor(Date.now() / 1_000) + 600;
    const { caller, expiresAt } = await verifier()(
      await issuer.token({ scope: 'openid livechannel:operate', exp }),
    );
    expect(caller).toEqual({ subject: `oidc:${issuer.url}#app-1`, scope: 'operate' });
    expect(expiresAt?.getTime()).toBe((exp + 30) * 1_000);
  });

  test.each([
    ['scope', 'livechannel:playback', 'playback'],
    ['scope', 'livechannel:admin livechannel:playback', 'admin'],
    ['scope', 'admin', undefined],
    ['scope', 'xlivechannel:admin', undefined],
    ['scope', undefined, undefined],
    ['scope', 7, undefined],
    ['scope', { 'livechannel:admin': true }, undefined],
    ['permissions', ['read:shop', 'livechannel:operate'], 'operate'],
    ['permissions', [7, null], undefined],
  ])('the claim %s as %j maps to the scope %s', async (scopeClaim, value, scope) => {
    const token = await issuer.token({ [scopeClaim]: value });
    expect((await verifier({ scopeClaim })(token)).caller.scope).toBe(scope);
  });

  test.each(['PS256', 'ES256', 'EdDSA'])('signed by %s', async (alg) => {
    await issuer.addKey(alg, alg);
    await verifier()(await issuer.token({}, { kid: alg }));
  });

  test('the keys are fetched once for many tokens', async () => {
    const verify = verifier();
    for (let count = 0; count < 5; count += 1) await verify(await issuer.token({ jti: String(count) }));
    expect(issuer.fetched).toEqual({ discovery: 1, keys: 1 });
  });

  test('with a configured JWKS URL, discovery is not used', async () => {
    await verifier({ jwksUrl: `${issuer.url}/keys` })(await issuer.token());
    expect(issuer.fetched).toEqual({ discovery: 0, keys: 1 });
  });
});

describe('are rejected', () => {
  const hour = 3_600;
  const now = (): number => Math.floor(Date.now() / 1_000);
  const refused = { code: 'not-authenticated', status: 401 };

  test.each([
    ['for another audience', () => ({ aud: 'other' })],
    ['for no audience', () => ({ aud: undefined })],
    ['of another issuer', () => ({ iss: 'https://evil.example' })],
    ['expired beyond the tolerance', () => ({ exp: now() - 60 })],
    ['not yet valid', () => ({ nbf: now() + hour })],
    ['without an expiry', () => ({ exp: undefined })],
    ['without a subject', () => ({ sub: undefined })],
  ])('one %s', async (_, claims) => {
    await expect(verifier()(await issuer.token(claims()))).rejects.toMatchObject(refused);
  });

  test('but a clock that is off by seconds is tolerated', async () => {
    await verifier()(await issuer.token({ exp: now() - 10, nbf: now() + 10 }));
  });

  test('an unsigned one (alg none)', async () => {
    const token = new UnsecuredJWT({ iss: issuer.url, aud: 'livechannel', sub: 'app-1', exp: now() + hour });
    await expect(verifier()(token.encode())).rejects.toMatchObject(refused);
  });

  test("one whose HS256 key is the issuer's public key", async () => {
    const jwk = issuer.publicKey('first');
    const publicKey = await importJWK(jwk);
    if (publicKey instanceof Uint8Array) throw new Error('no public key');
    for (const secret of [await exportSPKI(publicKey), JSON.stringify(jwk), jwk.n ?? '']) {
      const token = await new SignJWT({
        iss: issuer.url,
        aud: 'livechannel',
        sub: 'app-1',
        exp: now() + hour,
      })
        .setProtectedHeader({ alg: 'HS256', kid: 'first' })
        .sign(new TextEncoder().encode(secret));
      await expect(verifier()(token)).rejects.toMatchObject(refused);
    }
  });

  test('one that contains its own key', async () => {
    const stranger = await OidcIssuer.start();
    await using _ = stranger;
    const key = await stranger.addKey('mine');
    const token = await issuer.token({}, { key, kid: 'mine', header: { jwk: key.jwk } });
    await expect(verifier()(token)).rejects.toMatchObject(refused);
    const claimsFirst = await issuer.token({}, { key, kid: 'first', header: { jwk: key.jwk } });
    await expect(verifier()(claimsFirst)).rejects.toMatchObject(refused);
  });

  test('one that was changed after signing', async () => {
    const [header, , signature] = (await issuer.token()).split('.');
    const claims = {
      iss: issuer.url,
      aud: 'livechannel',
      sub: 'root',
      exp: now() + hour,
      scope: 'livechannel:admin',
    };
    const body = Buffer.from(JSON.stringify(claims)).toString('base64url');
    await expect(verifier()(`${header}.${body}.${signature}`)).rejects.toMatchObject(refused);
  });

  test.each(['', 'a.b.c', 'e30.e30.', 'lc_abc'])('a malformed token: %j', async (text) => {
    await expect(verifier()(text)).rejects.toMatchObject(refused);
  });
});

describe('key rotation', () => {
  test('a token with a new key is accepted immediately when the last fetch is old enough', async () => {
    const verify = verifier({ refetchAfterMs: 0 });
    await verify(await issuer.token());
    await issuer.addKey('second');
    issuer.removeKey('first');
    await verify(await issuer.token({}, { kid: 'second' }));
    expect(issuer.fetched.keys).toBe(2);
  });

  test('tokens with unknown keys do not cause a fetch each time', async () => {
    const verify = verifier();
    await verify(await issuer.token());
    const key = await issuer.addKey('stranger');
    issuer.removeKey('stranger');
    for (let count = 0; count < 5; count += 1) {
      const token = await issuer.token({ jti: String(count) }, { key, kid: `stranger-${count}` });
      await expect(verify(token)).rejects.toThrow('not signed by a key of its issuer');
    }
    expect(issuer.fetched.keys).toBe(1);
  });
});

describe('an issuer with a failure', () => {
  const unavailable = { code: 'issuer-unavailable', status: 503, headers: { 'retry-after': '5' } };

  test('that returns errors is reported as unavailable, not as a wrong token; afterwards tokens are accepted', async () => {
    const verify = verifier();
    const token = await issuer.token();
    issuer.status = 500;
    await expect(verify(token)).rejects.toMatchObject(unavailable);
    issuer.status = 200;
    await verify(token);
  });

  test('that cannot be reached is reported likewise', async () => {
    const verify = verifier();
    const token = await issuer.token();
    const port = Number(new URL(issuer.url).port);
    await issuer.close();
    await expect(verify(token)).rejects.toMatchObject(unavailable);
    await issuer.listen(port);
    await verify(token);
  });

  test('that becomes unreachable later does not matter while its keys are cached', async () => {
    const verify = verifier();
    const [first, second] = [await issuer.token({ jti: '1' }), await issuer.token({ jti: '2' })];
    await verify(first);
    await issuer.close();
    await verify(second);
  });

  test('whose discovery document names another issuer is not trusted', async () => {
    issuer.discovery = { issuer: 'https://evil.example' };
    await expect(verifier()(await issuer.token())).rejects.toMatchObject(unavailable);
  });
});
