import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SignJWT, UnsecuredJWT } from 'jose';
import { FakeClock } from '../../../../../src/base/testing/fake-clock.ts';
import { subjectOf, type Ticket } from '../../../../../src/server/auth/tickets/ticket.ts';
import { isTicket, TicketTokens } from '../../../../../src/server/auth/tickets/ticket-tokens.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text.repeat(32));
const key = { id: 'key-1', secret: bytes('a') };
const clock = new FakeClock();
const now = clock.now();
const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1_000);

const ticket: Ticket = {
  ...{ id: 'abcdefgh', channelId: 'Show #1 ü', role: 'seller', grants: ['start'], userId: '42' },
  ...{ issuedAt: now, expiresAt: later(60) },
};

function tokensOf(keys: readonly (typeof key)[], namespace = 'shop'): TicketTokens {
  return new TicketTokens({ all: async () => keys, toSign: async () => keys.at(-1) }, namespace, clock);
}
const tokens = tokensOf([key]);
const refused = { code: 'not-authenticated', status: 401 };

/** A JWT like a ticket, except for what is given. */
async function forged(
  change: {
    readonly header?: object;
    readonly claims?: object;
    readonly secret?: Uint8Array;
    readonly issuer?: string;
  } = {},
): Promise<string> {
  const { header = {}, claims = {}, secret = key.secret, issuer = 'livechannel-api' } = change;
  const at = Math.floor(now.getTime() / 1_000);
  return await new SignJWT({
    ...{ jti: 'abcdefgh', channel: '4711', role: 'buyer', iat: at, exp: at + 60 },
    ...claims,
  })
    .setProtectedHeader({ alg: 'HS256', typ: 'livechannel-ticket+jwt', kid: 'key-1', ...header })
    .setIssuer(issuer)
    .setAudience('livechannel:shop')
    .sign(secret);
}

describe('a ticket', () => {
  test('is verified with all that it was signed with', async () => {
    const token = await tokens.sign(ticket);
    expect(isTicket(token)).toBe(true);
    expect(await tokens.verify(token)).toEqual(ticket);
    expect(await tokens.verify(await forged())).toMatchObject({
      role: 'buyer',
      grants: [],
      userId: undefined,
    });
  });

  test('expires, which is reported differently from a wrong ticket', async () => {
    const token = await forged({ claims: { exp: Math.floor(now.getTime() / 1_000) } });
    await expect(tokens.verify(token)).rejects.toMatchObject({
      code: 'ticket-expired',
      status: 401,
      headers: { 'www-authenticate': expect.stringContaining('error="invalid_token"') },
    });
    // Without a valid signature, nothing is revealed about it.
    const foreign = await forged({ claims: { exp: 1 }, secret: bytes('x') });
    await expect(tokens.verify(foreign)).rejects.toMatchObject(refused);
  });

  test('of another key, namespace or service is refused', async () => {
    for (const token of [
      await forged({ secret: bytes('x') }),
      await forged({ header: { kid: 'key-2' } }),
      await forged({ header: { kid: undefined } }),
      await forged({ issuer: 'https://id.example.com' }),
      await tokensOf([key], 'studio').sign(ticket),
      await tokensOf([{ ...key, secret: bytes('b') }]).sign(ticket),
    ])
      await expect(tokens.verify(token)).rejects.toMatchObject(refused);
  });

  test('with another algorithm or type is refused', async () => {
    const header = { alg: 'none', typ: 'livechannel-ticket+jwt', kid: 'key-1' };
    const [, claims] = (await forged()).split('.');
    const unsigned = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${claims ?? ''}.`;
    expect(isTicket(unsigned)).toBe(true);
    for (const token of [
      unsigned,
      await forged({ header: { alg: 'HS512' }, secret: bytes('aa') }),
      await forged({ header: { typ: 'at+jwt' } }),
      await forged({ header: { crit: ['exp'] } }).catch(() => 'a.b.c'),
    ])
      await expect(tokens.verify(token)).rejects.toMatchObject(refused);
  });

  test('with claims that the service does not sign is refused', async () => {
    for (const claims of [
      { role: 'admin' },
      { grants: ['end'] },
      { channel: '' },
      { channel: undefined },
      { sub: 'two words' },
      { exp: Math.floor(now.getTime() / 1_000) + 100_000 },
      { exp: undefined },
      { jti: undefined },
    ])
      await expect(tokens.verify(await forged({ claims }))).rejects.toMatchObject(refused);
  });

  test('is not an API key, an OIDC token or a Kubernetes token, and those are no tickets', async () => {
    expect(isTicket('lc_abc')).toBe(false);
    expect(isTicket(new UnsecuredJWT({ iss: 'https://id.example.com' }).encode())).toBe(false);
    expect(isTicket(await forged({ header: { typ: 'JWT' } }))).toBe(false);
  });

  test('is never accepted because of garbage, and garbage never fails otherwise', async () => {
    const good = await forged();
    const garbage = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc
        .tuple(fc.nat(good.length - 1), fc.constantFrom('A', '.', '-', '~', ''))
        .map(([at, other]) => (good[at] === other ? '' : good.slice(0, at) + other + good.slice(at + 1))),
      fc.json().map((text) => `${good.split('.')[0] ?? ''}.${Buffer.from(text).toString('base64url')}.x`),
    );
    await fc.assert(
      fc.asyncProperty(garbage, async (token) => {
        isTicket(token);
        const outcome = await tokens.verify(token).then(
          ({ channelId }) => channelId,
          (error: unknown) => error,
        );
        // Unused bits of the last character of base64url do not change the signature.
        if (outcome === '4711') expect(token.slice(0, -1)).toBe(good.slice(0, -1));
        else expect(outcome).toMatchObject(refused);
      }),
      { numRuns: 300 },
    );
  });
});

describe('keys', () => {
  const next = { id: 'key-2', secret: bytes('c') };

  test('while a key is replaced, tickets of both are valid', async () => {
    const old = await tokens.sign(ticket);
    const both = tokensOf([key, next]);
    const fresh = await both.sign(ticket);
    expect(await both.verify(old)).toEqual(ticket);
    expect(await both.verify(fresh)).toEqual(ticket);
    await expect(tokens.verify(fresh)).rejects.toMatchObject(refused);
    await expect(tokensOf([next]).verify(old)).rejects.toMatchObject(refused);
  });

  test('without a key, none is created, with what to do about it, and none is accepted', async () => {
    await expect(tokensOf([]).sign(ticket)).rejects.toMatchObject({
      code: 'tickets-not-set-up',
      detail: expect.stringContaining('LIVECHANNEL_API_TICKET_KEYS_DIR'),
    });
    await expect(tokensOf([]).verify(await forged())).rejects.toMatchObject(refused);
  });
});

test('the subject is that of the user, or of the ticket if it names none', () => {
  expect(subjectOf(ticket)).toBe('ticket:seller:42');
  expect(subjectOf({ ...ticket, userId: undefined })).toBe('ticket:seller#abcdefgh');
});
