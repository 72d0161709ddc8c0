import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ownerTags } from '../../../src/platforms/owner-tags.ts';
import { checkout } from '../../support/cluster/cluster-cli.ts';
import { operatorEnvironment, OperatorStage, type Ref } from '../../support/operator/operator-stage.ts';

const clusterId = operatorEnvironment.LIVECHANNEL_CLUSTER_ID;

let stage: OperatorStage;
let shop: string;
let open: Ref;
let closed: Ref;

beforeAll(async () => {
  stage = await OperatorStage.build();
  await stage.putPlatform('own', { isDefault: true });
  stage.startOperator();
  shop = await stage.namespace();
  open = { namespace: shop, name: 'open' };
  closed = { namespace: shop, name: 'closed' };
  await stage.apply(open);
  await stage.apply(closed, { playback: { access: 'signed' } });
  for (const ref of [open, closed])
    await stage.channelIs(ref, 'a playback URL', ({ status }) => status?.hlsPlaybackUrl !== undefined);
}, 120_000);
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The program as a user starts it. */
async function livechannel(...args: string[]): Promise<Ended> {
  const child = spawn(process.execPath, ['src/main.ts', ...args], {
    cwd: checkout,
    env: {
      PATH: process.env['PATH'],
      KUBECONFIG: stage.controlPlane.kubeconfigPath,
      LIVECHANNEL_CLUSTER_ID: clusterId,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, out, err };
}

describe('livechannel audit', () => {
  test('tells whose each stream is, with exit code 0 where all belong to channels', async () => {
    stage.origin.addForeign('by-hand');
    const { code, out, err } = await livechannel('audit');
    expect(err).toBe('');
    expect(out).toContain('own (origin)');
    for (const name of ['open', 'closed']) expect(out).toMatch(new RegExp(`^  ${shop}/${name} .* lc-`, 'm'));
    expect(out).toContain('2 streams, 0 live, 0 viewers, 0 orphans, 0 strays, 0.00 USD an hour');
    expect(out).not.toContain('by-hand');
    expect(code).toBe(0);
  });

  test('finds the stream of a channel that is gone, and one that its channel does not know of', async () => {
    const uid = (await stage.channel(open))?.metadata.uid ?? '';
    const owner = { clusterId, platform: 'own', channelUid: 'gone', channel: 'shop/gone' };
    stage.origin.addForeign('lc-orphan', ownerTags(owner));
    stage.origin.addForeign('lc-stray', ownerTags({ ...owner, channelUid: uid, channel: `${shop}/open` }));
    try {
      const { code, out } = await livechannel('audit', '--output', 'json');
      expect(JSON.parse(out)).toMatchObject({
        platforms: [
          {
            name: 'own',
            streams: expect.arrayContaining([
              expect.objectContaining({ id: 'lc-orphan', belonging: 'orphan', channel: 'shop/gone' }),
              expect.objectContaining({ id: 'lc-stray', belonging: 'stray', channel: `${shop}/open` }),
            ]),
          },
        ],
        totals: { streams: 4, orphans: 1, strays: 1 },
      });
      expect(code).toBe(1);
    } finally {
      for (const id of ['lc-orphan', 'lc-stray']) stage.origin.streams.delete(id);
    }
  });

  test('reports which platform could not be queried and why, and queries the others; exit code 2', async () => {
    await stage.putSecret({ namespace: 'default', name: 'wrong' }, { token: 'a-wrong-token' });
    const credentialsRef = { namespace: 'default', name: 'wrong' };
    await stage.putPlatform('locked', { spec: { credentialsRef } });
    await stage.putPlatform('bare', {
      spec: { credentialsRef: { namespace: 'default', name: 'none-of-that-name' } },
    });
    const { code, out } = await livechannel('audit');
    expect(out).toMatch(/locked \(origin\)\n {2}could not be queried: CredentialsRejected: /);
    expect(out).toMatch(
      /bare \(origin\)\n {2}could not be queried: CredentialsNotFound: Secret default\/none-of-that-name/,
    );
    expect(out).toContain('2 streams');
    expect(out).not.toContain('a-wrong-token');
    expect(code).toBe(2);
    // Asked alone, the good one is good.
    expect((await livechannel('audit', '--platform', 'own')).code).toBe(0);
  });

  test('another cluster id sees nothing', async () => {
    const { out } = await livechannel('audit', '--platform', 'own', '--cluster-id', 'another');
    expect(out).toContain('0 streams');
  });

  test.each([
    [['--platform', 'nowhere'], 'StreamingPlatform nowhere does not exist. Existing platforms: '],
    [['--output', 'xml'], 'Allowed choices are table, json'],
    [['--kubeconfig', '/nowhere'], 'cannot read /nowhere'],
    [['--colour'], "unknown option '--colour'"],
  ])('%j: exit code 2 and a sentence', async (args, message) => {
    const { code, out, err } = await livechannel('audit', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });
});

describe('livechannel playback-url', () => {
  test('prints the address of a public channel, and says that it is', async () => {
    const url = (await stage.channel(open))?.status?.hlsPlaybackUrl;
    const { code, out, err } = await livechannel('playback-url', `${shop}/open`);
    expect({ code, out }).toEqual({ code: 0, out: `${String(url)}\n` });
    expect(err).toContain('is public');
  });

  test('prints an address that the platform signed for a signed channel', async () => {
    const url = (await stage.channel(closed))?.status?.hlsPlaybackUrl;
    const run = await livechannel('playback-url', `${shop}/closed`, '--expires', '5m', '--viewer', 'ann');
    expect(run).toEqual({ code: 0, out: `${String(url)}?granted\n`, err: '' });
  });

  test.each([
    [['shop'], 'Use NAMESPACE/NAME.'],
    [['shop/nowhere'], 'LiveChannel shop/nowhere does not exist'],
    [['shop/open', '--expires', 'soon'], 'write 90s, 15m, 1h or 2d'],
  ])('%j: exit code 2 and a sentence', async (args, message) => {
    const { code, out, err } = await livechannel('playback-url', ...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(message);
  });
});
