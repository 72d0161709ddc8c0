import { join } from 'node:path';
import { build, stop } from 'esbuild';
import { freePorts } from '../../../hack/cluster/free-ports.ts';
import type { PathOptions } from '../lib/paths.ts';
import { chromiumArguments } from './chromium-arguments.ts';
import { RivalPageServer } from './page-server.ts';
import { Rival } from './rival.ts';

const RECORD_EVERY_MS = 100;

/**
 * A page that records the channel with MediaRecorder, a bridge that receives the chunks over a WebSocket, and FFmpeg,
 * which remuxes them to RTMP: video copied, audio encoded to AAC. When the browser chooses the codec, as here, it
 * forwards the received H.264, which is the cheaper of its two modes.
 */
export function startMediaRecorder({ membership, target, group }: PathOptions): Promise<Rival> {
  return Rival.start(group, async (rival) => {
    const bridge = join(rival.folder, 'bridge.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, 'media-recorder-main.ts')],
      outfile: bridge,
      ...{ bundle: true, platform: 'node', format: 'esm', target: 'node24' },
      banner: {
        js: "import { createRequire as r } from 'node:module'; const require = r(import.meta.url);",
      },
    });
    await stop();
    const [port = 0] = await freePorts(1);
    rival.run(process.execPath, [bridge, String(port), `${target.ingestUrl}${target.streamKey}`]);
    const record = { url: `ws://127.0.0.1:${String(port)}/`, mimeType: '', everyMs: RECORD_EVERY_MS };
    const pages = rival.use(await RivalPageServer.start(membership, record));
    const flags = chromiumArguments(join(rival.folder, 'profile'), membership.accessPoints.certificatePins);
    rival.run('/usr/lib/chromium/chromium-headless-shell', [
      ...[...flags, '--mute-audio', '--remote-debugging-port=0', pages.url],
    ]);
  });
}
