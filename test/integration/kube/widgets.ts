import { z } from 'zod';
import { startControlPlane, type ControlPlane } from '../../../hack/cluster/control-plane.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { connect, type ConnectOptions, type KubeClient } from '../../../src/kube/client.ts';
import { loadCredentials } from '../../../src/kube/credentials.ts';
import { namespaceType } from '../../../src/kube/core-types.ts';
import type { KubeObject, ResourceType } from '../../../src/kube/resource.ts';

const conditionSchema = z.object({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  observedGeneration: z.number().optional(),
  lastTransitionTime: z.string(),
  reason: z.string(),
  message: z.string(),
});

const widgetSchema = z.object({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    uid: z.string(),
    resourceVersion: z.string().optional(),
    finalizers: z.array(z.string()).optional(),
    deletionTimestamp: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
  spec: z.object({ size: z.number().max(100), note: z.string().optional() }),
  status: z
    .object({ ready: z.boolean().optional(), conditions: z.array(conditionSchema).optional() })
    .optional(),
});

/** A kind of its own, so that the runtime is tested on what it is for. */
export type Widget = z.infer<typeof widgetSchema>;

export const widgetType: ResourceType<Widget> = {
  apiVersion: 'test.example.com/v1',
  kind: 'Widget',
  plural: 'widgets',
  namespaced: true,
  parse: (raw) => widgetSchema.parse(raw),
};

const crdType: ResourceType<KubeObject & { readonly spec: unknown }> = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const condition = {
  type: 'object',
  required: ['type', 'status', 'reason', 'message', 'lastTransitionTime'],
  properties: {
    type: { type: 'string' },
    status: { type: 'string' },
    reason: { type: 'string' },
    message: { type: 'string' },
    lastTransitionTime: { type: 'string', format: 'date-time' },
    observedGeneration: { type: 'integer' },
  },
};
const status = {
  type: 'object',
  properties: {
    ready: { type: 'boolean' },
    conditions: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: condition,
    },
  },
};

async function installWidgets(client: KubeClient): Promise<void> {
  await client.apply(crdType, {
    metadata: { name: 'widgets.test.example.com' },
    spec: {
      group: 'test.example.com',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets', singular: 'widget' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: open, status } } },
        },
      ],
    },
  });
  await eventually('widgets are served', 20, async () => client.list(widgetType));
}

/** An API server that knows widgets, and clients of it. */
export interface WidgetServer extends AsyncDisposable {
  readonly controlPlane: ControlPlane;
  /** May do everything; goes to the server directly. */
  readonly admin: KubeClient;
  /** A client through a proxy, or with its own name. */
  connect(options?: Partial<ConnectOptions> & { readonly port?: number }): Promise<KubeClient>;
  /** A namespace that nothing else uses. */
  namespace(): Promise<string>;
}

export async function startWidgetServer(apiServerArguments: readonly string[] = []): Promise<WidgetServer> {
  const controlPlane = await startControlPlane({ controllerManager: false, apiServerArguments });
  const clients: KubeClient[] = [];
  const connectAs: WidgetServer['connect'] = async ({ port, ...options } = {}) => {
    const credentials = await loadCredentials({
      kubeconfigPath: controlPlane.kubeconfigPath,
      environment: {},
    });
    const server = port === undefined ? credentials.server : `https://127.0.0.1:${String(port)}`;
    const client = await connect({
      fieldManager: 'test',
      credentials: { ...credentials, server },
      ...options,
    });
    clients.push(client);
    return client;
  };
  const admin = await connectAs();
  await installWidgets(admin);
  let count = 0;
  return {
    controlPlane,
    admin,
    connect: connectAs,
    async namespace() {
      const name = `test-${String((count += 1))}`;
      await admin.create(namespaceType, { metadata: { name } });
      return name;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.close()));
      await controlPlane.stop();
    },
  };
}
