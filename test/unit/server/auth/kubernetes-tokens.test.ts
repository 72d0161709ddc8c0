import { describe, expect, jest, test } from '@jest/globals';
import { ApiError, ConnectionError } from '../../../../src/kube/errors.ts';
import { kubernetesTokens } from '../../../../src/server/auth/kubernetes-tokens.ts';

const { signal } = new AbortController();
const username = 'system:serviceaccount:shop:app';
interface Asked {
  readonly kind: string;
  readonly spec: Record<string, unknown>;
}

function stage({
  user = { authenticated: true, user: { username, uid: 'u', groups: ['g'] } },
  allowed = ['get'],
  audience,
}: {
  readonly user?: object | null;
  readonly allowed?: readonly string[];
  readonly audience?: string;
} = {}) {
  const asked: Asked[] = [];
  const review = jest.fn(async ({ kind }: { kind: string }, spec: object): Promise<unknown> => {
    asked.push({ kind, spec: { ...spec } });
    if (kind === 'TokenReview') return user;
    const verb = /"verb":"(\w+)"/.exec(JSON.stringify(spec))?.[1] ?? '';
    return { allowed: allowed.includes(verb) };
  });
  return { asked, review, verify: kubernetesTokens({ client: { review }, namespace: 'shop', audience }) };
}

describe('Kubernetes tokens', () => {
  test.each([
    [[], undefined],
    [['get'], 'playback'],
    [['get', 'update'], 'operate'],
    [['get', 'update', 'delete'], 'admin'],
    // Each scope includes those before it: so must the rights.
    [['delete'], undefined],
    [['get', 'delete'], 'playback'],
  ])('who may %j has the scope %s', async (allowed, scope) => {
    const { verify } = stage({ allowed });
    expect(await verify('t', signal)).toMatchObject({ caller: { subject: `kubernetes:${username}`, scope } });
  });

  test('the rights asked for are those of LiveChannels in the namespace that is served', async () => {
    const { verify, asked } = stage();
    await verify('t', signal);
    expect(asked[1]).toEqual({
      kind: 'SubjectAccessReview',
      spec: {
        user: username,
        uid: 'u',
        groups: ['g'],
        resourceAttributes: {
          group: 'livechannel.dev',
          resource: 'livechannels',
          verb: 'get',
          namespace: 'shop',
        },
      },
    });
  });

  test.each([
    ['no', { authenticated: false }],
    ['no, and why', { authenticated: false, error: 'token has expired' }],
    ['nothing', null],
    ['an empty status', {}],
  ])('the cluster says %s: refused, and nobody is asked for rights', async (_, user) => {
    const { verify, asked } = stage({ user });
    await expect(verify('t', signal)).rejects.toMatchObject({ code: 'not-authenticated', status: 401 });
    expect(asked).toHaveLength(1);
  });

  test('with an audience, a yes that does not name it is a no', async () => {
    const user = { username };
    const yes = { authenticated: true, user, audiences: ['livechannel', 'other'] };
    const { verify, asked } = stage({ user: yes, audience: 'livechannel' });
    await verify('t', signal);
    expect(asked[0]?.spec).toEqual({ token: 't', audiences: ['livechannel'] });
    for (const audiences of [['other'], [], undefined]) {
      const wrong = stage({ user: { authenticated: true, user, audiences }, audience: 'livechannel' });
      await expect(wrong.verify('t', signal)).rejects.toThrow('audience');
    }
  });

  test('the API server away is told as that', async () => {
    const { verify, review } = stage();
    review.mockRejectedValueOnce(new ConnectionError('refused'));
    await expect(verify('t', signal)).rejects.toMatchObject({ code: 'kubernetes-unavailable', status: 503 });
    review.mockRejectedValueOnce(new ApiError('create TokenReview', { status: 503 }));
    await expect(verify('t', signal)).rejects.toMatchObject({ code: 'kubernetes-unavailable' });
  });

  test('a service that may not ask says so, and does not blame the caller', async () => {
    const { verify, review } = stage();
    review.mockRejectedValueOnce(new ApiError('create TokenReview', { status: 403, reason: 'Forbidden' }));
    await expect(verify('t', signal)).rejects.toMatchObject({
      code: 'internal',
      detail: expect.stringContaining('system:auth-delegator'),
    });
  });

  test('an answer that is no review is a failure, never a yes', async () => {
    const { verify, review } = stage();
    review.mockResolvedValueOnce({ authenticated: 'true', user: { username } });
    await expect(verify('t', signal)).rejects.toMatchObject({ code: 'internal' });
    const { verify: other, review: rights } = stage();
    rights.mockResolvedValueOnce({ authenticated: true, user: { username: '' } });
    await expect(other('t', signal)).rejects.toMatchObject({ code: 'internal' });
  });
});
