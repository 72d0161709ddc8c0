import { z } from 'zod';
import { publicUrl } from '../../../hack/demo/release.ts';
import { cloudNames, type CloudName, type FaultRule } from '../../fixtures/clouds/contract.ts';
import { cloudsDeployment } from '../../fixtures/clouds/deployment.ts';
import { platformManifests } from '../../fixtures/clouds/platform-manifests.ts';
import { eventually } from '../../support/wait/eventually.ts';
import { folders, type ClusterStage } from '../../support/cluster/cluster-stage.ts';

const nodePort = 30082;
const blockSchema = z.object({
  spec: z.record(z.string(), z.unknown()),
  credentials: z.record(z.string(), z.string()),
});
const platformsSchema = z.object({
  certificateAuthority: z.string(),
  platforms: z.object({ ivs: blockSchema, cloudflare: blockSchema, mux: blockSchema }),
});
const streamsSchema = z.record(z.string(), z.array(z.object({ id: z.string(), live: z.boolean() })));

/** The cloud stand-ins in a pod of the stage's namespace, and a StreamingPlatform for each of them. */
export class CloudsOnStage {
  readonly #url: string;
  readonly #stage: ClusterStage;

  private constructor(stage: ClusterStage, url: string) {
    this.#stage = stage;
    this.#url = url;
  }

  static async open(stage: ClusterStage): Promise<CloudsOnStage> {
    const { kubectl, namespace } = stage;
    const { hostname } = new URL(await publicUrl(kubectl));
    const url = `http://${hostname}:${String(nodePort)}`;
    await kubectl.apply(...(await cloudsDeployment(folders, namespace, { publicUrl: url, nodePort })));
    await kubectl.run(['-n', namespace, 'rollout', 'status', 'deployment/clouds', '--timeout=90s']);
    const clouds = new CloudsOnStage(stage, url);
    // The node port is forwarded a moment after the pod is ready.
    const said = await eventually('the clouds respond', 30, () => clouds.#call('GET', 'platforms'));
    const { certificateAuthority, platforms } = platformsSchema.parse(said);
    for (const name of cloudNames)
      await kubectl.apply(
        ...platformManifests({ name, ...platforms[name] }, certificateAuthority, namespace),
      );
    for (const name of cloudNames)
      await eventually(`StreamingPlatform ${name} is Ready`, 60, async () => {
        const path = '.status.conditions[?(@.type=="Ready")]';
        const ready = await kubectl.field('streamingplatform', name, undefined, path);
        if (ready.includes('"status":"True"')) return true;
        throw new Error(ready);
      });
    return clouds;
  }

  async close(): Promise<void> {
    for (const name of cloudNames)
      await this.#stage.kubectl.attempt(['delete', 'streamingplatform', name, '--timeout=30s']);
  }

  /** Makes the cloud's ingest reject all publishers and disconnect the present ones. */
  async beginOutage(cloud: CloudName): Promise<void> {
    await this.#call('POST', 'ingest-outages', { cloud });
  }
  async endOutage(cloud: CloudName): Promise<void> {
    await this.#call('DELETE', `ingest-outages/${cloud}`);
  }

  async fault(rule: FaultRule): Promise<void> {
    await this.#call('POST', 'faults', rule);
  }
  async noFaults(): Promise<void> {
    await this.#call('DELETE', 'faults');
  }

  async streams(cloud: CloudName): Promise<readonly { readonly id: string; readonly live: boolean }[]> {
    return streamsSchema.parse(await this.#call('GET', 'streams'))[cloud] ?? [];
  }

  untilStreams(cloud: CloudName, count: number): Promise<boolean> {
    return eventually(`${cloud} has ${String(count)} streams`, 90, async () => {
      const streams = await this.streams(cloud);
      if (streams.length === count) return true;
      throw new Error(JSON.stringify(streams));
    });
  }

  async #call(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await fetch(`${this.#url}/_control/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${String(answer.status)} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}
