import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { annotations } from '../../../src/api/names.ts';
import { liveChannelType } from '../../../src/api/kinds.ts';
import { OperatorStage } from '../../support/operator/operator-stage.ts';
import { ApiProcess, appToken } from './api-process.ts';
import { eventually } from '../../support/wait/eventually.ts';

/** What schemathesis leaves out: streams do not end by themselves. */
let stage: OperatorStage;
let namespace: string;
let token: string;
let api: ApiProcess;
beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('origin', { isDefault: true });
  namespace = await stage.namespace();
  stage.startOperator();
  token = await appToken(stage, namespace);
  api = await ApiProcess.start(stage.controlPlane.kubeconfigPath, {
    LIVECHANNEL_API_NAMESPACE: namespace,
    LIVECHANNEL_API_SHUTDOWN_DELAY_SECONDS: '0',
  });
}, 180_000);
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await stage[Symbol.asyncDispose]();
});

const jsonObject = z.record(z.string(), z.unknown());
const documentSchema = z.object({
  paths: z.record(
    z.string(),
    z.object({
      get: z
        .object({
          responses: z.record(
            z.string(),
            z.object({ content: z.record(z.string(), z.object({ schema: jsonObject })).optional() }),
          ),
        })
        .optional(),
    }),
  ),
  components: z.object({ schemas: jsonObject }),
});

/** The schema of an event, as the document that the service itself shows has it. */
async function documented(path: string): Promise<z.ZodType> {
  const text = await (await fetch(`${api.url}/v1/openapi.json`)).text();
  const { paths, components } = documentSchema.parse(
    JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')),
  );
  const schema = paths[path]?.get?.responses['200']?.content?.['text/event-stream']?.schema;
  if (schema === undefined) throw new Error(`the document has no events at ${path}`);
  return z.fromJSONSchema({ ...schema, $defs: components.schemas } as Parameters<typeof z.fromJSONSchema>[0]); // as OpenAPI 3.1 has it
}

interface Told {
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
}

class Listener {
  readonly told: Told[] = [];
  readonly #stop = new AbortController();
  readonly #over: Promise<void>;

  constructor(path: string) {
    this.#over = this.#read(path);
  }

  async #read(path: string): Promise<void> {
    const { signal } = this.#stop;
    try {
      const answer = await fetch(api.url + path, { signal, headers: { authorization: `Bearer ${token}` } });
      expect([answer.status, answer.headers.get('content-type')]).toEqual([
        200,
        'text/event-stream; charset=utf-8',
      ]);
      let text = '';
      for await (const chunk of answer.body ?? []) {
        text += Buffer.from(chunk).toString();
        const blocks = text.split('\n\n');
        text = blocks.pop() ?? '';
        for (const block of blocks) this.#hear(block);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  #hear(block: string): void {
    if (block === 'retry: 2000' || block.startsWith(': ')) return;
    const [, id, type, data] = /^id: (.+)\nevent: (.+)\ndata: (.+)$/.exec(block) ?? [];
    if (id === undefined || type === undefined || data === undefined) throw new Error(`no event: ${block}`);
    this.told.push({ id, type, data: JSON.parse(data) });
  }

  async until(type: string): Promise<void> {
    await eventually(`an event ${type}`, 20, async () =>
      this.told.some((each) => each.type === type) ? true : undefined,
    );
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#over;
  }
}

async function change(method: string, path: string, body?: object): Promise<void> {
  const answer = await fetch(`${api.url}/v1/channels${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const said = await answer.text();
  expect([answer.status < 300, said]).toEqual([true, said]);
}

test.each([
  ['/v1/channels/{id}/events', 'one'],
  ['/v1/events', 'all'],
])(
  'every kind of event of %s is as the document says',
  async (path, id) => {
    const schema = await documented(path);
    expect(schema.safeParse({ type: 'ended', id: '1' }).success).toBe(false);
    await change('POST', '', { id, onAir: true, streamMode: 'auto' });
    const ref = { namespace, name: id };
    await stage.onAir(ref);
    const listener = new Listener(path.replace('{id}', id));
    await listener.until('snapshot');
    await change('PATCH', `/${id}`, { maxResolution: '720p' });
    const uid = (await stage.channel(ref))?.metadata.uid;
    const choice = {
      ...{ channel: uid, mode: 'agora-only', decidedAt: new Date(), at: new Date(Date.now() + 1_000) },
      ...{ reason: 'CheaperOnAgora', message: '4 viewers cost $0.50/h on Agora, $2.10/h on origin' },
    };
    await stage.client.patchMerge(liveChannelType, ref, {
      metadata: { annotations: { [annotations.mode]: JSON.stringify(choice) } },
    });
    await listener.until('mode');
    await listener.until('status');
    await change('DELETE', `/${id}`);
    await listener.until('ended');
    await listener.stop();
    expect(new Set(listener.told.map(({ type }) => type))).toEqual(
      new Set(['snapshot', 'mode', 'status', 'ended']),
    );
    for (const { id: eventId, type, data } of listener.told) {
      const parsed = schema.safeParse(data);
      expect([type, parsed.success, parsed.error?.issues]).toEqual([type, true, undefined]);
      expect(data).toMatchObject({ id: eventId, type });
    }
  },
  60_000,
);
