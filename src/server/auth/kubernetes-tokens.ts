import { z } from 'zod';
import { GROUP, LIVE_CHANNEL_PLURAL } from '../../api/names.ts';
import type { KubeClient } from '../../kube/client.ts';
import { ApiError } from '../../kube/errors.ts';
import { ApiProblem } from '../problems.ts';
import type { Scope } from '../service.ts';
import { asProblem } from '../services/kube-problems.ts';
import { unverifiedClaims } from './bearer-token.ts';
import { refusal } from './refusal.ts';
import type { Accepted, Verify } from './verifier.ts';

const tokenReview = {
  apiVersion: 'authentication.k8s.io/v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  namespaced: false,
} as const;
const accessReview = {
  apiVersion: 'authorization.k8s.io/v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  namespaced: false,
} as const;

/** Permissions on LiveChannels in the service's namespace. A scope requires its verb and all verbs before it. */
const verbs: readonly (readonly [verb: string, scope: Scope])[] = [
  ['get', 'playback'],
  ['update', 'operate'],
  ['delete', 'admin'],
];

const userSchema = z.object({
  username: z.string().min(1),
  uid: z.string().optional(),
  groups: z.array(z.string()).optional(),
  extra: z.record(z.string(), z.array(z.string())).optional(),
});
type User = z.infer<typeof userSchema>;
const tokenStatusSchema = z.discriminatedUnion('authenticated', [
  z.object({
    authenticated: z.literal(true),
    user: userSchema,
    audiences: z.array(z.string()).optional(),
  }),
  z.object({ authenticated: z.literal(false).default(false), error: z.string().optional() }),
]);
const accessStatusSchema = z.object({ allowed: z.boolean() });

const REVIEW_TIMEOUT_MS = 4_000;

/**
 * Verifies tokens of service accounts and users of the cluster. The API server identifies the user (TokenReview) and
 * checks permissions (SubjectAccessReview), so that RBAC for LiveChannels also applies to the service.
 * https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-review-v1/
 */
export function kubernetesTokens(options: {
  readonly client: Pick<KubeClient, 'review'>;
  readonly namespace: string;
  /** Required audience of tokens; undefined: that of the API server itself. */
  readonly audience?: string | undefined;
}): Verify {
  const { client, namespace, audience } = options;

  async function userOf(token: string, signal: AbortSignal): Promise<User> {
    const spec = { token, ...(audience === undefined ? {} : { audiences: [audience] }) };
    const answer = await client.review(tokenReview, spec, { signal, timeoutMs: REVIEW_TIMEOUT_MS });
    const status = tokenStatusSchema.parse({ authenticated: false, ...(answer ?? {}) });
    if (!status.authenticated) throw refusal('The cluster does not accept this token');
    // An API server that does not support audiences accepts the token without returning any.
    if (audience !== undefined && status.audiences?.includes(audience) !== true)
      throw refusal('The token is for another audience');
    return status.user;
  }

  async function may(user: User, verb: string, signal: AbortSignal): Promise<boolean> {
    const { username, ...rest } = user;
    const resourceAttributes = { group: GROUP, resource: LIVE_CHANNEL_PLURAL, verb, namespace };
    const spec = { user: username, ...rest, resourceAttributes };
    const answer = await client.review(accessReview, spec, { signal, timeoutMs: REVIEW_TIMEOUT_MS });
    return accessStatusSchema.parse(answer).allowed;
  }

  return async (token, signal): Promise<Accepted> => {
    try {
      const user = await userOf(token, signal);
      const allowed = await Promise.all(verbs.map(([verb]) => may(user, verb, signal)));
      const denied = allowed.indexOf(false);
      const granted = denied < 0 ? verbs : verbs.slice(0, denied);
      return {
        caller: { subject: `kubernetes:${user.username}`, scope: granted.at(-1)?.[1] },
        expiresAt: expiryOf(token),
      };
    } catch (error) {
      throw problemOf(error);
    }
  };
}

function problemOf(error: unknown): ApiProblem {
  if (error instanceof ApiError && (error.isForbidden || error.isUnauthorized))
    return new ApiProblem(
      'internal',
      'The service is not allowed to review tokens. Bind ClusterRole system:auth-delegator to its ServiceAccount.',
      { cause: error },
    );
  return asProblem(error, 'review a token');
}

/** Expiry of a token that the API server has just accepted, so that its claims can be trusted. */
function expiryOf(token: string): Date | undefined {
  const expiry = unverifiedClaims(token)?.exp;
  return typeof expiry === 'number' ? new Date(expiry * 1_000) : undefined;
}
