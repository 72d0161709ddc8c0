/**
 * The demo: node hack/demo/main.ts load | up | down
 *
 * `load` loads the images into the cluster. `up` takes a fresh machine to one LiveChannel on air. Settings:
 * AGORA_APP_ID and AGORA_APP_CERTIFICATE use the real Agora (AGORA_CHANNEL names the channel there);
 * LIVECHANNEL_DEMO_PICTURE=1280x720@25 is the host's video.
 */
import { join } from 'node:path';
import { errorMessage } from '../../src/base/error-text.ts';
import { run } from '../cluster/run.ts';
import { readImageList } from '../images/image-list.ts';
import { foldersFrom } from '../tools/folders.ts';
import { demoChannel, demoNamespace, startDemo } from './demo.ts';
import { Kubectl } from './kubectl.ts';
import { releaseName, systemNamespace, uninstallRelease } from './release.ts';
import { makeApiKey, sellerTicket, serviceUrl, waitForDatabase } from './service.ts';
import { demoSettings } from './settings.ts';

const folders = foldersFrom(process.env);
const report = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Where the origin shows the stream in a page. */
const watchPage = (playbackUrl: string): string => playbackUrl.replace(/\/hls\/([^/]+)\/.*$/, '/watch/$1');

async function load(): Promise<void> {
  const archives = Object.values(await readImageList(folders.local)).map(({ archive }) => archive);
  report('demo: loading the images into the cluster');
  await run(process.execPath, [join(folders.checkout, 'hack/cluster/main.ts'), 'load-images', ...archives]);
}

async function up(): Promise<void> {
  const settings = demoSettings(process.env);
  const kubectl = await Kubectl.open(folders, report);
  const { playbackUrl } = await startDemo(folders, kubectl, settings, report);
  report('demo: waiting for the service and its database');
  await waitForDatabase(kubectl);
  await kubectl.run([
    ...['-n', systemNamespace, 'rollout', 'status', `deployment/${releaseName}-api`, '--timeout=120s'],
  ]);
  const apiUrl = await serviceUrl(kubectl);
  const apiKey = (await kubectl.run(makeApiKey('demo', 'admin'))).trim();
  const ticket = await sellerTicket(apiUrl, apiKey, demoChannel);
  const table = await kubectl.run(['get', 'livechannels', '-A']);
  console.log(`
${table}
HLS:        ${playbackUrl}
Page:       ${watchPage(playbackUrl)}
Buyers:     ${apiUrl}/embed/${demoChannel}
Seller:     ${apiUrl}/seller/${demoChannel}#ticket=${ticket}
Dashboard:  http://localhost:8080/dashboard, log in with the API key ${apiKey}
            while this runs, because browsers keep sessions on https and localhost alone:
            KUBECONFIG=$(make -s kubeconfig) kubectl -n ${systemNamespace} port-forward service/${releaseName}-api 8080:80

From another machine, all of them, with the SOCKS proxy localhost:1080 in the browser's settings:
  ssh -D 1080 -L 8080:${new URL(apiUrl).host} USER@THIS-MACHINE

Look around:
  export KUBECONFIG=$(make -s kubeconfig)
  kubectl -n ${demoNamespace} describe livechannel ${demoChannel}
  kubectl -n ${demoNamespace} delete pod ${demoChannel}-relay-0      # and watch it come back
  kubectl -n ${demoNamespace} get livechannel ${demoChannel} -w
The service that apps call, with its documentation at ${apiUrl}/docs:
  export LIVECHANNEL_URL=${apiUrl}
  export LIVECHANNEL_API_KEY=${apiKey}
  curl -H "Authorization: Bearer $LIVECHANNEL_API_KEY" $LIVECHANNEL_URL/v1/channels
  # A whole show by an app:
  client=$(make -s client-package) player=$(make -s player-package)
  (cd examples/live-shop && npm install --no-save "$client" "$player" && npm run show)
  # Its pages: npm run build && npm start there, then http://localhost:3000/show/${demoChannel}
The real Agora instead of the local edge:
  make demo AGORA_APP_ID=... AGORA_APP_CERTIFICATE=... AGORA_CHANNEL=...
Another platform: a StreamingPlatform as in manifests/, and spec.platformRef in the LiveChannel.
It stays up until: make demo-down`);
}

async function down(): Promise<void> {
  const kubectl = await Kubectl.open(folders, report);
  report(`demo: deleting ${demoNamespace} and the release`);
  await kubectl.attempt([
    'delete',
    'livechannels',
    '--all',
    '-n',
    demoNamespace,
    '--timeout=60s',
    '--ignore-not-found',
  ]);
  await kubectl.attempt(['delete', 'namespace', demoNamespace, '--timeout=60s', '--ignore-not-found']);
  await uninstallRelease(kubectl);
}

const command = process.argv[2];
try {
  if (command === 'load') await load();
  else if (command === 'up') await up();
  else if (command === 'down') await down();
  else throw new Error('usage: main.ts load | up | down');
} catch (error) {
  report(`demo: ${errorMessage(error)}`);
  process.exitCode = 1;
}
