import { describe, expect, jest, test } from '@jest/globals';
import { ApiError, ConnectionError } from '../../../../src/kube/errors.ts';
import { kubernetesTokens } from '../../../../src/server/auth/kubernetes-tokens.ts';

const { signal } = new AbortController();
const username = 'system:serviceaccount:shop:app';
interface ReviewRequest {
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
  const reviews: ReviewRequest[] = [];
  const review = jest.fn(async ({ kind }: { kind: string }, spec: object): Promise<unknown> => {
    reviews.push({ kind, spec: { ...spec } });
    if (kind === 'TokenReview') return user;
    const verb = /"verb":"(\w+)"/.exec(JSON.stringify(spec))?.[1] ?? '';
    return { allowed: allowed.includes(verb) };
  });
  return { reviews, review, verify: kubernetesTokens({ client: { review }, namespace: 'shop', audience }) };
}

describe('Kubernetes tokens', () => {
  test.each([
    [[], undefined],
    [['get'], 'playback'],
    [['get', 'update'], 'operate'],
    [['get', 'update', 'delete'], 'admin'],
    // Each scope includes the previous ones, and so must the permissions.
    [['delete'], undefined],
    [['get', 'delete'], 'playback'],
  ])('the permission to %j results in the scope %s', async (allowed, scope) => {
    const { verify } = stage({ allowed });
    expect(await verify('t', signal)).toMatchObject({ caller: { subject: `kubernetes:${username}`, scope } });
  });

  test('the checked permissions are those on LiveChannels in the namespace of the service', async () => {
    const { verify, reviews } = stage();
    await verify('t', signal);
    expect(reviews[1]).toEqual({
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
    ['not authenticated, with an error', { authenticated: false, error: 'token has expired' }],
    ['nothing', null],
    ['an empty status', {}],
  ])('the answer %s is a rejection, without a check of permissions', async (_, user) => {
    const { verify, reviews } = stage({ user });
    await expect(verify('t', signal)).rejects.toMatchObject({ code: 'not-authenticated', status: 401 });
    expect(reviews).toHaveLength(1);
  });

  test('with an audience, an answer without it is a rejection', async () => {
    const user = { username };
    const yes = { authenticated: true, user, audiences: ['livechannel', 'other'] };
    const { verify, reviews } = stage({ user: yes, audience: 'livechannel' });
    await verify('t', signal);
    expect(reviews[0]?.spec).toEqual({ token: 't', audiences: ['livechannel'] });
    for (const audiences of [['other'], [], undefined]) {
      const wrong = stage({ user: { authenticated: true, user, audiences }, audience: 'livechannel' });
      await expect(wrong.verify('t', signal)).rejects.toThrow('audience');
    }
  });

  test('an unavailable API server is reported as such', async () => {
    const { verify, review } = stage();
    review.mockRejectedValueOnce(new ConnectionError('refused'));
    await expect(verify('t', signal)).rejects.toMatchObject({ code: 'kubernetes-unavailable', status: 503 });
    review.mockRejectedValueOnce(new ApiError('create TokenReview', { status: 503 }));
    await expect(verify('t', signal)).rejects.toMatchObject({ code: 'kubernetes-unavailable' });
  });

  test('missing permissions of the service are reported as such, not as a fault of the caller', async () => {
    const { verify, review } = stage();
    review.mockRejectedValueOnce(new ApiError('create TokenReview', { status: 403, reason: 'Forbidden' }));
    await expect(verify('t', signal)).rejects.toMatchObject({
      code: 'internal',
      detail: expect.stringContaining('system:auth-delegator'),
    });
  });

  test('an answer that is not a review is a failure, never an authentication', async () => {
    const { verify, review } = stage();
    review.mockResolvedValueOnce({ authenticated: 'true', user: { username } });
    await expect(verify('t', signal)).rejects.toMatchObject({ code: 'internal' });
    const { verify: other, review: rights } = stage();
    rights.mockResolvedValueOnce({ authenticated: true, user: { username: '' } });
    await expect(other('t', signal)).rejects.toMatchObject({ code: 'internal' });
  });
});
