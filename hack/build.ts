/**
 * node hack/build.ts [FOLDER]     builds dist/ (or FOLDER): everything of this project that the images contain
 *
 *   livechannel.mjs, *-HASH.mjs   the program; a command's chunks are loaded only by that command
 *   relay-page/                   the page that the relay's Chromium opens
 *   pages/                        pages of the service, a folder each: embed/, the player for an iframe; dashboard/
 *   api-docs/                     the page with the documentation of the API
 *   origin-assets/                what the origin serves beside the streams: its player
 *   demo/                         the local Agora edge and its host; fixtures of IVS, Cloudflare and Mux
 *
 * The same sources result in the same bytes: images are cached by the hash of their contents.
 */
import { resolve } from 'node:path';
import { errorMessage } from '../src/base/error-text.ts';
import { buildEverything } from './build/everything.ts';

const checkout = resolve(import.meta.dirname, '..');
try {
  await buildEverything(checkout, resolve(process.argv[2] ?? resolve(checkout, 'dist')));
} catch (error) {
  console.error(`build: ${errorMessage(error)}`);
  process.exitCode = 1;
}
