import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Builder, BuildOrder } from './builder.ts';
import { runLogged } from './run-logged.ts';

const execute = promisify(execFile);
const answerTimeoutMs = 5000;
const pullTimeoutMs = 120_000;

/** Whether a Docker daemon answers. */
export async function dockerAnswers(): Promise<boolean> {
  return succeeds(
    execute('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: answerTimeoutMs }),
  );
}

/** Builds with the machine's Docker (BuildKit), which manages its own cache. */
export function dockerBuilder(logFile: string): Builder {
  const environment = { ...process.env, DOCKER_BUILDKIT: '1', BUILDKIT_PROGRESS: 'plain' };
  const docker = (...args: readonly string[]) => runLogged('docker', args, { logFile, environment });
  return {
    name: 'docker',
    hasImage: (tag) => succeeds(execute('docker', ['image', 'inspect', tag])),
    pull: (tag) => succeeds(execute('docker', ['pull', '--quiet', tag], { timeout: pullTimeoutMs })),
    importRootFileSystem: (archive, tag) => docker('import', '--change', 'CMD ["bash"]', archive, tag),
    build: (order) => docker(...buildArguments(order)),
    async save(tag, file, reference) {
      await docker('tag', tag, reference);
      await docker('save', '--output', file, reference);
    },
    remove: (tag) => docker('rmi', tag),
  };
}

/** `madeBefore` is ignored: BuildKit finds its cached steps of that stage at once. */
function buildArguments(order: BuildOrder): string[] {
  return [
    'build',
    ...['--network', 'host'],
    ...Object.entries(order.arguments).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...['--file', join(order.context, order.dockerfile)],
    ...['--target', order.target],
    ...['--tag', order.tag],
    order.context,
  ];
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
