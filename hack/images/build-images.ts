import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Folders } from '../tools/folders.ts';
import { withLock } from '../tools/lock.ts';
import type { Builder } from './builder.ts';
import { buildahBuilder } from './buildah.ts';
import type { Image } from './catalog.ts';
import { ensureDebianBase } from './debian-base.ts';
import { dockerAnswers, dockerBuilder } from './docker.ts';
import { imageReference, type ImageReference } from './image-references.ts';
import { ensureDebianPackages } from '../system/debian-packages.ts';

export type Report = (line: string) => void;

/** An image in a file that `docker load` and `ctr images import` read. */
export interface BuiltImage {
  readonly ref: string;
  readonly archive: string;
}

const heartbeatMs = 30_000;
/** How many archives of an image are kept, so that switching between two branches builds nothing. */
const archivesKept = 4;
const attempts = 3;

/**
 * Makes sure that the archives of the images are in the cache, and returns their paths. An image whose contents have
 * been built before, in any checkout, is not built again.
 */
export async function ensureImages(
  folders: Folders,
  wanted: readonly Image[],
  report: Report,
): Promise<Map<string, BuiltImage>> {
  const folder = join(folders.cache, 'images');
  await mkdir(folder, { recursive: true });
  const built = new Map<string, BuiltImage>();
  for (const image of wanted) {
    await withLock(
      join(folder, 'lock'),
      async () => {
        built.set(image.name, await ensureImage(folders, image, folder, report));
      },
      () => {
        report('images: waiting for another build');
      },
    );
  }
  return built;
}

async function ensureImage(
  folders: Folders,
  image: Image,
  folder: string,
  report: Report,
): Promise<BuiltImage> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const reference = await imageReference(folders.checkout, image);
    const archive = join(folder, `${reference.fileName}.tar`);
    if (!(await exists(archive))) {
      await buildArchive(folders, image, reference, `${archive}.partial`, report);
      // dist/ may have been rebuilt meanwhile: an image must never carry the reference of other contents.
      const after = await imageReference(folders.checkout, image);
      if (after.ref !== reference.ref) continue;
      await rename(`${archive}.partial`, archive);
      await deleteOldArchives(folder, image.name);
    }
    // The time of last use, by which old archives are removed.
    await utimes(archive, new Date(), new Date());
    return { ref: reference.ref, archive };
  }
  throw new Error(`dist/ changed during each of ${String(attempts)} builds of ${image.name}; try again`);
}

async function buildArchive(
  folders: Folders,
  image: Image,
  reference: ImageReference,
  archive: string,
  report: Report,
): Promise<void> {
  const logs = join(folders.local, 'logs');
  await mkdir(logs, { recursive: true });
  const logFile = join(logs, `image-${image.name}.log`);
  await rm(logFile, { force: true });

  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
  const heartbeat = setInterval(() => {
    report(`images: still building ${image.name}, ${seconds()}; log: ${logFile}`);
  }, heartbeatMs);
  try {
    const builder = await chooseBuilder(folders, logFile, report);
    const order = {
      context: folders.checkout,
      dockerfile: image.dockerfile,
      arguments: { BUNDLE: 'context' },
    };
    if (!(await builder.hasImage(reference.baseTag))) {
      await ensureDebianBase(builder, join(folders.cache, 'images'), logFile, report);
      report(
        `images: building the base of ${image.name} with ${builder.name} (about ${image.firstBuild} the first time)`,
      );
      await builder.build({ ...order, target: image.base, tag: reference.baseTag, keepSteps: true });
    }
    report(`images: building ${image.name}`);
    const tag = `${reference.ref}-build`;
    const madeBefore = { stage: image.base, image: reference.baseTag };
    await builder.build({ ...order, target: image.name, tag, madeBefore, keepSteps: false });
    await rm(archive, { force: true });
    await builder.save(tag, archive, reference.ref);
    // Only the archive is used. The builder keeps the base.
    await builder.remove(tag);
    report(`images: built ${reference.ref} in ${seconds()}`);
  } finally {
    clearInterval(heartbeat);
  }
}

async function chooseBuilder(folders: Folders, logFile: string, report: Report): Promise<Builder> {
  const asked = process.env['LIVECHANNEL_IMAGE_BUILDER'];
  if (asked !== undefined && asked !== 'docker' && asked !== 'buildah') {
    throw new Error(`LIVECHANNEL_IMAGE_BUILDER is "${asked}": use docker or buildah`);
  }
  if (asked === 'docker' || (asked === undefined && (await dockerAnswers()))) return dockerBuilder(logFile);
  const programs = [
    { file: 'buildah', debianPackage: 'buildah' },
    { file: 'unshare', debianPackage: 'util-linux' },
  ];
  await ensureDebianPackages('building images without Docker', programs, report);
  if (process.getuid?.() !== 0) {
    throw new Error('building images without Docker needs root: start Docker, or run as root');
  }
  return buildahBuilder(join(folders.cache, 'buildah'), logFile);
}

/** Keeps the most recently used archives of an image, and removes what interrupted builds left. */
async function deleteOldArchives(folder: string, name: string): Promise<void> {
  const files = await readdir(folder);
  const left = files.filter((file) => new RegExp(`^${name}-\\d.*\\.tar\\.partial$`).test(file));
  for (const file of left) await rm(join(folder, file), { force: true });
  const archives = files.filter((file) => new RegExp(`^${name}-\\d.*\\.tar$`).test(file));
  const used = await Promise.all(
    archives.map(async (file) => ({ file, at: (await stat(join(folder, file))).mtimeMs })),
  );
  used.sort((a, b) => b.at - a.at);
  for (const { file } of used.slice(archivesKept)) await rm(join(folder, file), { force: true });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
