import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Builder } from './builder.ts';
import { debianMirror, type DebianMirror } from './debian-mirror.ts';
import { runLogged } from './run-logged.ts';
import { ensureDebianPackages } from '../system/debian-packages.ts';

/** The public base of every build stage. It is also the tag in the Dockerfiles. */
export const debianTag = 'debian:bookworm-slim';

/**
 * The content of /etc/apt in the public image: security updates are included, and sources can be added by editing
 * "Types".
 */
function aptSources({ archive, security }: DebianMirror): string {
  const source = (uri: string, ...suites: readonly string[]): string =>
    [
      'Types: deb',
      `URIs: ${uri.replace(/\/$/, '')}`,
      `Suites: ${suites.join(' ')}`,
      'Components: main',
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
      '',
    ].join('\n');
  return [source(archive, 'bookworm', 'bookworm-updates'), source(security, 'bookworm-security')].join('\n');
}

/**
 * Makes sure that the builder has the base image: its own copy, else the public one, else, if no registry answers, an
 * equivalent built by debootstrap from Debian's mirror. The tar in FOLDER outlives the builder's storage.
 */
export async function ensureDebianBase(
  builder: Builder,
  folder: string,
  logFile: string,
  report: (line: string) => void,
): Promise<void> {
  if (await builder.hasImage(debianTag)) return;
  const archive = join(folder, 'debian-bookworm-slim.tar');
  if (!(await exists(archive))) {
    report(`images: pulling ${debianTag}`);
    if (await builder.pull(debianTag)) return;
    report(`images: no registry answers; building ${debianTag} with debootstrap (about 1 min, once)`);
    const programs = [{ file: 'debootstrap', debianPackage: 'debootstrap' }];
    await ensureDebianPackages('building a Debian base image', programs, report);
    await bootstrap(folder, archive, logFile);
  }
  await builder.importRootFileSystem(archive, debianTag);
}

async function bootstrap(folder: string, archive: string, logFile: string): Promise<void> {
  const mirror = await debianMirror(process.env);
  const root = join(folder, 'debian-bookworm-slim.partial');
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  const run = (program: string, ...args: string[]) => runLogged(program, args, { logFile });
  // In a separate mount namespace: the mounts of debootstrap end with it, also if it fails.
  const isolated = ['--mount', '--propagation', 'private'];
  await run('unshare', ...isolated, 'debootstrap', '--variant=minbase', 'bookworm', root, mirror.archive);
  await rm(join(root, 'etc/apt/sources.list'), { force: true });
  await writeFile(join(root, 'etc/apt/sources.list.d/debian.sources'), aptSources(mirror));
  const inside = (...args: string[]) => run('chroot', root, 'env', 'DEBIAN_FRONTEND=noninteractive', ...args);
  await inside('apt-get', 'update');
  await inside('apt-get', 'upgrade', '-y');
  await inside('apt-get', 'clean');
  await inside('sh', '-c', 'rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /var/log/*.log');
  // The machine's own name resolution does not belong in an image.
  await rm(join(root, 'etc/resolv.conf'), { force: true });
  await rm(join(root, 'etc/hostname'), { force: true });
  await run('tar', '-C', root, '--numeric-owner', '-cf', `${archive}.partial`, '.');
  await rename(`${archive}.partial`, archive);
  await rm(root, { recursive: true, force: true });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
