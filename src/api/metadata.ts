import { z } from 'zod';
import { crd } from './schema-meta.ts';
import { conditionStatusSchema } from './values.ts';

/** The parts of Kubernetes object metadata that the product reads. Unknown fields are kept unchanged. */
export const objectMetaSchema = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string(),
  resourceVersion: z.string().optional(),
  generation: z.number().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
export type ObjectMeta = z.infer<typeof objectMetaSchema>;

/** The name of most kinds: a DNS subdomain (RFC 1123). */
export const objectNameSchema = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** A namespace's name: a DNS label. */
export const namespaceNameSchema = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

/** A metav1.Condition. `lastTransitionTime` is RFC 3339. */
export const conditionSchema = z.object({
  type: z.string().max(316).describe('What the condition is about.'),
  status: conditionStatusSchema.describe('Whether it is so.'),
  observedGeneration: z
    .int()
    .min(0)
    .optional()
    .describe('metadata.generation that the condition is based on.'),
  lastTransitionTime: z.string().meta({ format: 'date-time' }).describe('When the status last changed.'),
  reason: z.string().min(1).max(1024).describe('One word of the closed list in docs/reference/reasons.md.'),
  message: z.string().max(32768).describe('What is wrong and what to do, for people.'),
});
export type Condition = z.infer<typeof conditionSchema>;

export const observedGenerationSchema = z.int().describe('metadata.generation that the status is based on.');

/** Schema of `status.conditions`, a list with one entry per type. `types` describes what True means for each type. */
export const conditionsSchema = (types: string) =>
  crd(z.array(conditionSchema.extend({ type: conditionSchema.shape.type.describe(types) })), {
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  }).describe('Current state, one entry for each type.');
