import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Builder, BuildOrder } from './builder.ts';
import { runLogged } from './run-logged.ts';

const execute = promisify(execFile);
const pullTimeoutMs = 60_000;

/**
 * Builds with buildah: no daemon, no registry, no container runtime. Its storage is in FOLDER.
 *
 * Each call runs in a separate mount namespace with a separate run folder, so that no mount outlives it and FOLDER can
 * be deleted whenever no build runs.
 */
export function buildahBuilder(folder: string, logFile: string): Builder {
  const storage = ['--root', join(folder, 'storage'), '--storage-driver', 'overlay'];

  async function buildah(args: readonly string[], timeoutMs?: number): Promise<void> {
    const temporary = join(folder, 'tmp');
    await mkdir(temporary, { recursive: true });
    const runRoot = await mkdtemp(join(tmpdir(), 'livechannel-buildah-'));
    try {
      await runLogged(
        'unshare',
        ['--mount', '--propagation', 'private', 'buildah', ...storage, '--runroot', runRoot, ...args],
        {
          logFile,
          environment: { ...process.env, TMPDIR: temporary, BUILDAH_ISOLATION: 'chroot' },
          ...(timeoutMs !== undefined && { timeoutMs }),
        },
      );
    } finally {
      await rm(runRoot, { recursive: true, force: true });
    }
  }

  return {
    name: 'buildah',
    hasImage: (tag) => succeeds(buildah(['inspect', '--type', 'image', tag])),
    pull: (tag) => succeeds(buildah(['pull', '--quiet', `docker://docker.io/library/${tag}`], pullTimeoutMs)),
    async importRootFileSystem(archive, tag) {
      const context = await mkdtemp(join(folder, 'tmp', 'import-'));
      try {
        await execute('ln', [archive, join(context, 'root.tar')]);
        await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nADD root.tar /\nCMD ["bash"]\n');
        await buildah(['bud', '--layers=false', '--tag', `docker.io/library/${tag}`, context]);
      } finally {
        await rm(context, { recursive: true, force: true });
      }
    },
    build: (order) => buildah(buildArguments(order)),
    save: (tag, file, reference) => buildah(['push', '--quiet', tag, `docker-archive:${file}:${reference}`]),
    remove: (tag) => buildah(['rmi', tag]),
  };
}

function buildArguments(order: BuildOrder): string[] {
  const { madeBefore } = order;
  return [
    'bud',
    '--pull=never',
    // Docker's format keeps what OCI's cannot express, and is what `save` writes.
    '--format=docker',
    // The build reaches Debian's mirror over this machine's network.
    '--network=host',
    `--layers=${String(order.keepSteps)}`,
    ...Object.entries(order.arguments).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...(madeBefore === undefined
      ? []
      : ['--build-context', `${madeBefore.stage}=container-image://localhost/${madeBefore.image}`]),
    ...['--file', join(order.context, order.dockerfile)],
    ...['--target', order.target],
    ...['--tag', order.tag],
    order.context,
  ];
}

async function succeeds(work: Promise<void>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
