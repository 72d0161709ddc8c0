import type { V1Affinity } from '@kubernetes/client-node';
import { z } from 'zod';
import { labels } from '../../api/names.ts';

const termSchema = z.looseObject({ matchFields: z.array(z.unknown()).optional() });
type NodeTerm = z.infer<typeof termSchema>;

/** The lists of the user's affinity to which terms are added. Other fields are passed to the API server unchanged. */
const userAffinitySchema = z.looseObject({
  nodeAffinity: z
    .looseObject({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .looseObject({ nodeSelectorTerms: z.array(termSchema).optional() })
        .optional(),
    })
    .optional(),
  podAntiAffinity: z
    .looseObject({ preferredDuringSchedulingIgnoredDuringExecution: z.array(z.unknown()).optional() })
    .optional(),
});

/**
 * The affinity of a relay pod: the user's own, a preference for another node than that of the channel's other relay,
 * and a requirement not to run on `lostNode`. An affinity that cannot be parsed is returned unchanged, so that the API
 * server rejects it.
 */
export function relayAffinity(
  channelName: string,
  userAffinity: Readonly<Record<string, unknown>>,
  lostNode: string | undefined,
): V1Affinity {
  const parsed = userAffinitySchema.safeParse(userAffinity);
  if (!parsed.success) return userAffinity;
  const { nodeAffinity, podAntiAffinity, ...others } = parsed.data;
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const apart = {
    weight: 100,
    podAffinityTerm: {
      labelSelector: { matchLabels: { [labels.channel]: channelName } },
      topologyKey: 'kubernetes.io/hostname',
    },
  };
  const merged: Record<string, unknown> = {
    ...others,
    ...(lostNode === undefined
      ? nodeAffinity === undefined
        ? {}
        : { nodeAffinity }
      : {
          nodeAffinity: {
            ...nodeAffinity,
            requiredDuringSchedulingIgnoredDuringExecution: {
              ...required,
              nodeSelectorTerms: notOn(lostNode, required?.nodeSelectorTerms ?? [{}]),
            },
          },
        }),
    podAntiAffinity: {
      ...podAntiAffinity,
      preferredDuringSchedulingIgnoredDuringExecution: [
        ...(podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []),
        apart,
      ],
    },
  };
  return merged; // the API server validates the user's part
}

/** Adds the exclusion of `node` to every term, because a pod is scheduled if any one of the terms matches. */
function notOn(node: string, terms: readonly NodeTerm[]): NodeTerm[] {
  const field = { key: 'metadata.name', operator: 'NotIn', values: [node] };
  return terms.map((term) => ({ ...term, matchFields: [...(term.matchFields ?? []), field] }));
}
