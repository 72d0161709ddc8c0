import { stringify } from 'yaml';
import type { z } from 'zod';
import { liveChannelSchema } from '../../src/api/live-channel.ts';
import { GROUP, LIVE_CHANNEL_PLURAL, STREAMING_PLATFORM_PLURAL, VERSION } from '../../src/api/names.ts';
import { streamingPlatformSchema } from '../../src/api/streaming-platform.ts';
import { toStructuralSchema, type StructuralSchema } from './structural-schema.ts';

/** A column of `kubectl get`. Those of priority 1 are shown with `-o wide` only. */
interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly jsonPath: string;
  readonly description?: string;
  readonly priority?: 1;
}

export interface ResourceDefinition {
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly description: string;
  readonly columns: readonly PrinterColumn[];
  readonly schema: z.ZodType;
}

const ready = (field: 'status' | 'reason'): string => `.status.conditions[?(@.type=="Ready")].${field}`;
const age: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** Every kind of the group. The definitions, the reference and the chart are generated from it. */
export const resourceDefinitions: readonly ResourceDefinition[] = [
  {
    kind: 'LiveChannel',
    plural: LIVE_CHANNEL_PLURAL,
    singular: 'livechannel',
    shortNames: ['lc'],
    // Not the singular: a category of that name would hide the kind from `kubectl get livechannel NAME`.
    categories: ['streaming', 'all'],
    scope: 'Namespaced',
    description: 'Relays an Agora channel, as one viewer, to a streaming platform and provides the HLS URL.',
    columns: [
      { name: 'Relay', type: 'string', jsonPath: '.status.relayStatus' },
      { name: 'Ready', type: 'string', jsonPath: ready('status') },
      {
        name: 'Reason',
        type: 'string',
        jsonPath: ready('reason'),
        description: 'Reason of the condition Ready.',
      },
      { name: 'Platform', type: 'string', jsonPath: '.status.streamingPlatform' },
      {
        name: 'Restarts',
        type: 'integer',
        jsonPath: '.status.relay.restarts',
        description: 'Container restarts and pod replacements of the relay.',
      },
      { name: 'URL', type: 'string', jsonPath: '.status.hlsPlaybackUrl' },
      age,
      { name: 'Mode', type: 'string', jsonPath: '.status.effectiveStreamMode', priority: 1 },
      {
        name: 'Host',
        type: 'string',
        jsonPath: '.status.conditions[?(@.type=="HostPresent")].status',
        description: 'Whether the host publishes in the Agora channel.',
        priority: 1,
      },
      { name: 'Health', type: 'string', jsonPath: '.status.health', priority: 1 },
      { name: 'Node', type: 'string', jsonPath: '.status.relay.nodeName', priority: 1 },
      { name: 'Last restart', type: 'string', jsonPath: '.status.relay.lastRestartReason', priority: 1 },
    ],
    schema: liveChannelSchema,
  },
  {
    kind: 'StreamingPlatform',
    plural: STREAMING_PLATFORM_PLURAL,
    singular: 'streamingplatform',
    shortNames: ['sp'],
    categories: ['streaming'],
    scope: 'Cluster',
    description: 'An account on a streaming platform that LiveChannels push to.',
    columns: [
      { name: 'Provider', type: 'string', jsonPath: '.spec.provider' },
      {
        name: 'Default',
        type: 'string',
        jsonPath: String.raw`.metadata.annotations.livechannel\.dev/is-default-platform`,
        description: 'Whether channels without spec.platformRef use it.',
      },
      { name: 'Ready', type: 'string', jsonPath: ready('status') },
      { name: 'Reason', type: 'string', jsonPath: ready('reason') },
      { name: 'Streams', type: 'integer', jsonPath: '.status.streams' },
      age,
    ],
    schema: streamingPlatformSchema,
  },
];

/** The schema of the whole object: metadata is validated by the API server, apiVersion and kind are fixed. */
export function objectSchema(definition: ResourceDefinition): StructuralSchema {
  const schema = toStructuralSchema(definition.schema);
  return {
    ...schema,
    description: definition.description,
    required: ['spec'],
    properties: {
      ...schema.properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
    },
  };
}

/** The CustomResourceDefinition, ready to be written as YAML. */
export function customResourceDefinition(definition: ResourceDefinition): {
  metadata: { name: string };
  spec: object;
} {
  const { kind, plural, singular, shortNames, categories, scope, columns } = definition;
  const manifest = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope,
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames, categories },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: columns,
          schema: { openAPIV3Schema: objectSchema(definition) },
        },
      ],
    },
  };
  return manifest;
}

export const generatedNotice = '# Generated by `make generate`; do not edit.\n';

/** Kubernetes reads YAML 1.1, where a bare `off` or `yes` is a boolean: such strings are quoted. */
export function toYaml(manifest: object): string {
  return stringify(manifest, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false });
}

/** Path in the repository -> content, for every kind. */
export function crdFiles(): Map<string, string> {
  return new Map(
    resourceDefinitions.map((definition) => [
      `crds/${GROUP}_${definition.plural}.yaml`,
      generatedNotice + toYaml(customResourceDefinition(definition)),
    ]),
  );
}
