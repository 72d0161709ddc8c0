import { z } from 'zod';
import { problems, type ProblemCode } from '../problems.ts';

const problemSchema = z
  .object({
    type: z.url(),
    code: z.string(),
    status: z.int(),
    title: z.string(),
    detail: z.string(),
    instance: z.string().optional(),
    scope: z.string().optional(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457. The codes are in docs/reference/problems.md.' });

/** Problems of every operation. */
const everywhere: readonly ProblemCode[] = [
  'invalid-request',
  'not-authenticated',
  'ticket-expired',
  'not-allowed',
  'too-many-requests',
  'internal',
  'store-unavailable',
  'timeout',
];
/** Further problems of every operation on one channel. */
export const ofOneChannel: readonly ProblemCode[] = ['channel-not-found'];
/** Further problems of every change. */
export const ofChanges: readonly ProblemCode[] = [
  'channel-ending',
  'conflict',
  'refused-by-cluster',
  'kubernetes-unavailable',
  'too-large',
  'unsupported-media-type',
];

/** The problems of an operation, by status, for a route's schema. */
export function problemAnswers(...codes: readonly ProblemCode[]): Record<number, unknown> {
  const byStatus = Object.groupBy([...everywhere, ...codes], (code) => String(problems[code].status));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, some = []]) => [
      status,
      {
        description: some.map((code) => `\`${code}\`: ${problems[code].meaning}`).join('\n\n'),
        content: {
          'application/problem+json': {
            schema: problemSchema,
          },
        },
      },
    ]),
  );
}

/** A response with a JSON body. */
export const json = (schema: z.ZodType, description: string): unknown => ({
  description,
  content: { 'application/json': { schema } },
});
/** A response without a body. */
export const empty = (description: string): z.ZodType => z.null().describe(description);
