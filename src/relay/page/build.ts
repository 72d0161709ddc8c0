/// <reference types="node" />
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Builds the relay's page into a folder: page.html, page.js, worker.js, and the Agora SDK as its publisher ships it.
 * The relay's bundle expects that folder beside itself under the name `relay-page`.
 */
export async function buildRelayPage(outDir: string): Promise<void> {
  const source = fileURLToPath(new URL('.', import.meta.url));
  await mkdir(outDir, { recursive: true });
  await build({
    entryPoints: [join(source, 'page.ts'), join(source, 'worker.ts')],
    outdir: outDir,
    bundle: true,
    format: 'iife',
    target: 'chrome141', // the first version with RTCRtpScriptTransform
    minify: true,
    logLevel: 'warning',
  });
  await copyFile(join(source, 'page.html'), join(outDir, 'page.html'));
  const sdk = dirname(createRequire(import.meta.url).resolve('agora-rtc-sdk-ng'));
  await copyFile(join(sdk, 'AgoraRTC_N-production.js'), join(outDir, 'agora.js'));
}
