/**
 * node hack/images/main.ts build [IMAGE...]   builds what changed, writes LOCAL/images.json and prints it
 * node hack/images/main.ts refs               prints LOCAL/images.json: {NAME: {ref, archive}}
 * node hack/images/main.ts refresh            removes the images' Debian layers and archives
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { errorMessage } from '../../src/base/error-text.ts';
import { buildEverything } from '../build/everything.ts';
import { foldersFrom } from '../tools/folders.ts';
import { ensureImages } from './build-images.ts';
import { findImage, usualImages } from './catalog.ts';
import { readImageList, updateImageList } from './image-list.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const [command, ...names] = positionals;
const folders = foldersFrom(process.env);
const report = (line: string) => process.stderr.write(`${line}\n`);

try {
  if (command === 'build') {
    const wanted = names.length === 0 ? usualImages : names.map(findImage);
    await buildEverything(folders.checkout, join(folders.checkout, 'dist'));
    const built = await ensureImages(folders, wanted, report);
    await updateImageList(folders.local, built);
    for (const { ref } of built.values()) report(`images: ${ref}`);
  } else if (command === 'refs') {
    console.log(JSON.stringify(await readImageList(folders.local), undefined, 2));
  } else if (command === 'refresh') {
    await rm(join(folders.cache, 'images'), { recursive: true, force: true });
    await rm(join(folders.cache, 'buildah'), { recursive: true, force: true });
  } else {
    throw new Error('usage: main.ts build [IMAGE...] | refs | refresh');
  }
} catch (error) {
  report(`images: ${errorMessage(error)}`);
  process.exitCode = 1;
}
