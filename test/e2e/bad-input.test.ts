import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { credentials } from '../../hack/demo/agora-scene.ts';
import { installRelease } from '../../hack/demo/release.ts';
import { eventually } from '../support/wait/eventually.ts';
import { observeFor } from '../support/wait/observe-for.ts';
import { folders, ClusterStage } from '../support/cluster/cluster-stage.ts';

describe('bad input on a real cluster', () => {
  let stage: ClusterStage;

  beforeAll(async () => {
    stage = await ClusterStage.open('bad-input');
    await stage.addSeller('show');
  }, 240_000);
  afterAll(() => stage.close(), 150_000);

  const remove = async (name: string): Promise<void> => {
    await stage.kubectl.run(['-n', stage.namespace, 'delete', 'livechannel', name, '--timeout=60s']);
    await stage.untilGone(name);
  };
  /** Applies a channel for the Agora channel `show`. */
  const apply = (name: string, spec = {}, agora = {}): Promise<void> =>
    stage.kubectl.apply(stage.liveChannel(name, spec, { channelName: 'show', ...agora }));

  test('rejects an invalid spec with the field and its allowed values', async () => {
    const refused = await stage.kubectl.attempt(
      ['apply', '-f', '-'],
      JSON.stringify(stage.liveChannel('wrong', { streamMode: 'sometimes' })),
    );
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toMatch(
      /spec\.streamMode.*sometimes.*"agora-only", "hybrid", "hls-only", "auto"/s,
    );
  });

  test('reports a missing Secret, a missing key and a wrong certificate, and recovers when they are corrected', async () => {
    await apply('creds', {}, { credentialsRef: { name: 'not-yet' } });
    const missing = await stage.untilReady('creds', 'False', 'CredentialsNotFound');
    expect(missing.relayStatus).toBe('error');
    await stage.untilEvent('creds', 'Warning', 'CredentialsNotFound');

    const secret = (stringData: object): Promise<void> =>
      stage.kubectl.apply({
        ...credentials(stage.namespace, '', ''),
        metadata: { name: 'not-yet', namespace: stage.namespace },
        stringData,
      });
    await secret({ appCertificate: stage.appCertificate });
    await eventually('the missing key is reported', 30, async () => {
      const ready = (await stage.status('creds')).conditions?.find(({ type }) => type === 'Ready');
      return ready?.message.includes('has no key appId') === true ? true : undefined;
    });

    await secret({ appId: stage.appId, appCertificate: 'f'.repeat(32) });
    await stage.untilReady('creds', 'False', 'AgoraTokenRejected', 60);
    await stage.untilEvent('creds', 'Warning', 'AgoraTokenRejected');

    await secret({ appId: stage.appId, appCertificate: stage.appCertificate });
    await stage.untilReady('creds', 'True', 'Live', 90);
    await remove('creds');
  }, 360_000);

  test('waits for a missing platform, then for an unavailable one, and recovers when they are available', async () => {
    await apply('nowhere', { platformRef: { name: 'elsewhere' } });
    await stage.untilReady('nowhere', 'False', 'PlatformNotFound');
    await stage.untilEvent('nowhere', 'Warning', 'PlatformNotFound');

    const spec = JSON.parse(
      await stage.kubectl.run(['get', 'streamingplatform', 'origin', '-o', 'jsonpath={.spec}']),
    ) as { origin: { controlUrl: string } };
    const platform = (controlUrl: string): Promise<void> =>
      stage.kubectl.apply({
        apiVersion: 'livechannel.dev/v1alpha1',
        kind: 'StreamingPlatform',
        metadata: { name: 'elsewhere' },
        spec: { ...spec, origin: { controlUrl } },
      });
    await platform('http://127.0.0.1:9');
    await stage.untilReady('nowhere', 'False', 'PlatformUnavailable');
    await platform(spec.origin.controlUrl);
    await stage.untilReady('nowhere', 'True', 'Live', 90);
    await remove('nowhere');
    await stage.kubectl.run(['delete', 'streamingplatform', 'elsewhere']);
  }, 300_000);

  test('no default platform', async () => {
    const annotate = (value: string): Promise<string> =>
      stage.kubectl.run([
        'annotate',
        '--overwrite',
        'streamingplatform',
        'origin',
        `livechannel.dev/is-default-platform=${value}`,
      ]);
    await annotate('false');
    try {
      await apply('homeless', { suspend: true });
      await eventually('the platform is requested', 30, async () => {
        const stream = (await stage.status('homeless')).conditions?.find(
          ({ type }) => type === 'StreamReady',
        );
        return stream?.reason === 'NoDefaultPlatform' ? true : undefined;
      });
    } finally {
      await annotate('true');
    }
    await eventually(
      'the stream is created',
      30,
      async () => (await stage.status('homeless')).hlsPlaybackUrl,
    );
    await remove('homeless');
  }, 120_000);

  test('waits for the host without a restart and goes live when the host joins', async () => {
    await stage.kubectl.apply(stage.liveChannel('early', {}, { channelName: 'early' }));
    const waiting = await stage.untilReady('early', 'False', 'WaitingForHost', 60);
    expect(waiting.relayStatus).toBe('starting');
    expect(waiting.conditions?.find(({ type }) => type === 'HostPresent')?.status).toBe('False');
    expect(waiting.relay?.restarts).toBe(0);
    const pod = waiting.relay?.podName ?? '';
    // A relay that starts slowly may miss a probe; while it waits, no probe fails.
    const warnings = await stage.warningsOf(pod);
    await observeFor(10);
    expect(await stage.warningsOf(pod)).toEqual(warnings);
    expect(await stage.isPodReady(pod)).toBe(false);
    await stage.addSeller('early');
    const live = await stage.untilReady('early', 'True', 'Live', 90);
    expect(live.relay?.restarts).toBe(0);
    await eventually('the pod is ready', 5, () => stage.isPodReady(pod).then((ready) => ready || undefined));
    expect(await stage.warningsOf(pod)).toEqual(warnings);
    await remove('early');
    await stage.addSeller('show');
  }, 300_000);

  test('leaves nothing behind when deleted at any moment', async () => {
    for (const waitFor of ['nothing', 'a pod', 'a node', 'on air'] as const) {
      const name = `brief-${waitFor.replace(' ', '-')}`;
      await apply(name);
      if (waitFor === 'on air') await stage.untilReady(name, 'True', 'Live', 90);
      else if (waitFor !== 'nothing')
        await eventually(waitFor, 30, async () => {
          if (waitFor === 'a pod') return stage.relayPod(name);
          return (await stage.status(name)).relay?.nodeName;
        });
      await remove(name);
    }
    await stage.untilStreams(0);
  }, 300_000);

  test('reports an image that cannot be pulled, and recovers when it can', async () => {
    const report = (): void => undefined;
    await installRelease(folders, stage.kubectl, report, { 'relay.image.tag': 'not-there' });
    try {
      await apply('imageless');
      await stage.untilReady('imageless', 'False', 'ImagePullFailed', 90);
      await stage.untilEvent('imageless', 'Warning', 'ImagePullFailed');
    } finally {
      await installRelease(folders, stage.kubectl, report);
    }
    await stage.untilReady('imageless', 'True', 'Live', 120);
    await remove('imageless');
  }, 400_000);
});
