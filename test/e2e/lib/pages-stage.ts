import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from '@jest/globals';
import { z } from 'zod';
import { Kubectl } from '../../../hack/demo/kubectl.ts';
import {
  installRelease,
  nodeAddress,
  publicUrl,
  releaseName,
  systemNamespace,
} from '../../../hack/demo/release.ts';
import { makeApiKey, serviceUrl, serviceValues, waitForDatabase } from '../../../hack/demo/service.ts';
import { Buyers } from '../../support/browser/buyers.ts';
import { ClusterStage, folders } from '../../support/cluster/cluster-stage.ts';
import { MediaFront } from './media-front.ts';
import { startTcpProxy, type TcpProxy } from '../../support/faults/tcp-proxy.ts';
import { CloudsOnStage } from './clouds.ts';

/** Lifetime of signed addresses: the shortest that the service accepts. */
const SIGNED_SECONDS = 60;
const ticketSchema = z.object({ ticket: z.string() });
const report = (line: string): void => {
  process.stderr.write(`  ${line}\n`);
};

/**
 * A show on air on the cluster, with browsers for its buyers. Media comes to them through a front, as it does through a
 * CDN, and everything else through a proxy; both can have faults.
 */
export class PagesStage implements AsyncDisposable {
  readonly stage: ClusterStage;
  readonly front: MediaFront;
  readonly service: TcpProxy;
  readonly buyers: Buyers;
  /** Base addresses of the service and of the clouds' media. */
  readonly url: string;
  readonly cloudsUrl: string;
  readonly apiKey: string;
  readonly #parts: AsyncDisposableStack;

  private constructor(
    parts: Pick<PagesStage, 'stage' | 'front' | 'service' | 'buyers' | 'url' | 'cloudsUrl' | 'apiKey'>,
    closed: AsyncDisposableStack,
  ) {
    this.stage = parts.stage;
    this.front = parts.front;
    this.service = parts.service;
    this.buyers = parts.buyers;
    this.url = parts.url;
    this.cloudsUrl = parts.cloudsUrl;
    this.apiKey = parts.apiKey;
    this.#parts = closed;
  }

  static async open(): Promise<PagesStage> {
    await using closed = new AsyncDisposableStack();
    const cluster = await Kubectl.open(folders, report);
    const front = closed.use(
      await MediaFront.start(await ownAddressTowards(await nodeAddress(cluster)), await publicUrl(cluster)),
    );
    const release = {
      'origin.publicUrl': front.url,
      'operator.extraEnv': [{ name: 'LIVECHANNEL_DRAIN_SECONDS', value: '10' }],
    };
    const stage = await ClusterStage.open('pages', release);
    // A platform is deleted after the channels on it.
    const platforms = closed.use(new AsyncDisposableStack());
    closed.defer(() => stage.close());
    const { kubectl, namespace, accessPoints } = stage;
    const cloudsUrl = await CloudsOnStage.urlOn(stage);
    await installRelease(folders, kubectl, report, {
      ...serviceValues(namespace, accessPoints),
      ...release,
      'api.publicPlayback': true,
      'api.embedMediaOrigins': [front.url, cloudsUrl],
      'api.playbackKeys': [
        { platform: 'origin', secretName: `${releaseName}-origin`, keys: ['token', 'ca.crt'] },
      ],
      'api.extraEnv': [{ name: 'LIVECHANNEL_API_PLAYBACK_TOKEN_SECONDS', value: String(SIGNED_SECONDS) }],
    });
    await stage.addSeller('show');
    await kubectl.apply(stage.liveChannel('show'));
    const clouds = await CloudsOnStage.open(stage);
    platforms.defer(() => clouds.close());
    await waitForDatabase(kubectl);
    await kubectl.run([
      ...['-n', systemNamespace, 'rollout', 'status', `deployment/${releaseName}-api`, '--timeout=120s'],
    ]);
    const url = await serviceUrl(kubectl);
    const service = closed.use(await startTcpProxy(new URL(url)));
    const apiKey = (await kubectl.run(makeApiKey('pages', 'admin'))).trim();
    await stage.untilReady('show', 'True', 'Live', 120);
    const buyers = closed.use(await Buyers.open());
    return new PagesStage({ stage, front, service, buyers, url, cloudsUrl, apiKey }, closed.move());
  }

  /** Address of the buyers' page; with a ticket also of a channel that is not public. */
  embed(ticket?: string): string {
    const page = `http://127.0.0.1:${String(this.service.port)}/embed/show?lang=en`;
    return ticket === undefined ? page : `${page}#ticket=${ticket}`;
  }

  async buyerTicket(): Promise<string> {
    const response = await this.#request('POST', '/v1/channels/show/tickets', { role: 'buyer', userId: 42 });
    return ticketSchema.parse(await response.json()).ticket;
  }

  async change(change: Readonly<Record<string, unknown>>): Promise<void> {
    expect((await this.#request('PATCH', '/v1/channels/show', change)).status).toBe(200);
  }

  /** The body of a response of the API. */
  async get(path: string): Promise<unknown> {
    return (await this.#request('GET', path)).json();
  }

  /** Values of a metric with these labels, as text, of all pods of the service together. */
  async sumOfMetric(metric: string, labels: Readonly<Record<string, string>>): Promise<number> {
    const { kubectl } = this.stage;
    const pods = await kubectl.run([
      ...['-n', systemNamespace, 'get', 'pods', '-l', 'app.kubernetes.io/component=api'],
      ...['--field-selector', 'status.phase=Running', '-o', 'jsonpath={.items[*].metadata.name}'],
    ]);
    const wanted = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
    const sums = pods.split(' ').map(async (pod) => {
      const path = `/api/v1/namespaces/${systemNamespace}/pods/${pod}:8081/proxy/metrics`;
      const lines = (await kubectl.run(['get', '--raw', path])).split('\n');
      return lines
        .filter((line) => line.startsWith(`${metric}{`) && wanted.every((label) => line.includes(label)))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    });
    return (await Promise.all(sums)).reduce((sum, each) => sum + each, 0);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#parts.disposeAsync();
  }

  async #request(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.apiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
  }
}

/** The address of this machine that another one reaches. Nothing is sent: the kernel chooses the route. */
async function ownAddressTowards(other: string): Promise<string> {
  const socket = createSocket('udp4');
  socket.connect(9, other);
  await once(socket, 'connect');
  const { address } = socket.address();
  socket.close();
  return address;
}
