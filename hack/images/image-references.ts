import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Image } from './catalog.ts';
import { contentHash } from '../build/content-hash.ts';

/** The names of an image that are derived from its inputs. */
export interface ImageReference {
  /** e.g. livechannel/relay:0.1.0-0123456789ab */
  readonly ref: string;
  /** The same as one word, for the name of a file. */
  readonly fileName: string;
  /** The name of its base in the builder's storage. */
  readonly baseTag: string;
}

const packageSchema = z.object({ version: z.string() });

/** Hashes the inputs of an image. dist/ must exist. */
export async function imageReference(checkout: string, image: Image): Promise<ImageReference> {
  const version = await packageVersion(join(checkout, 'package.json'));
  const nodePackage = `node-linux-${process.arch}`;
  const node = await packageVersion(join(checkout, 'node_modules', nodePackage, 'package.json'));

  const baseHash = await contentHash(
    checkout,
    [image.dockerfile, ...image.baseInputs],
    [nodePackage, node, image.base],
  );
  const hash = (await contentHash(checkout, image.contents, [baseHash])).slice(0, 12);
  return {
    ref: `livechannel/${image.name}:${version}-${hash}`,
    fileName: `${image.name}-${version}-${hash}`,
    baseTag: `livechannel/${image.base}:${baseHash.slice(0, 12)}`,
  };
}

async function packageVersion(file: string): Promise<string> {
  return packageSchema.parse(JSON.parse(await readFile(file, 'utf8'))).version;
}
