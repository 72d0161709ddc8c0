import type { V1Affinity } from '@kubernetes/client-node';
import { z } from 'zod';
import { labels } from '../../api/names.ts';

const termSchema = z.looseObject({ matchFields: z.array(z.unknown()).optional() });
type NodeTerm = z.infer<typeof termSchema>;

/** Of what the user gave, the lists that something is added to. The rest goes to the API server as it is. */
const givenSchema = z.looseObject({
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
 * Where a relay pod may run: as the user says, on another node than the channel's other relay where there is one, and
 * not on `lostNode`. What cannot be read is left as it is, for the API server to refuse.
 */
export function relayAffinity(
  channelName: string,
  given: Readonly<Record<string, unknown>>,
  lostNode: string | undefined,
): V1Affinity {
  const read = givenSchema.safeParse(given);
  if (!read.success) return given;
  const { nodeAffinity, podAntiAffinity, ...idle } = read.data;
  const required = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const apart = {
    weight: 100,
    podAffinityTerm: {
      labelSelector: { matchLabels: { [labels.channel]: channelName } },
      topologyKey: 'kubernetes.io/hostname',
    },
  };
  const merged: Record<string, unknown> = {
    ...idle,
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
  return merged; // the user's part of it is for the API server to check
}

/** One of the terms must hold, so that each of them is to name the node. */
function notOn(node: string, terms: readonly NodeTerm[]): NodeTerm[] {
  const field = { key: 'metadata.name', operator: 'NotIn', values: [node] };
  return terms.map((term) => ({ ...term, matchFields: [...(term.matchFields ?? []), field] }));
}
