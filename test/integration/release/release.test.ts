import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { foldersFrom } from '../../../hack/tools/folders.ts';

const execute = promisify(execFile);
const checkout = resolve(import.meta.dirname, '../../..');
/** helm is built when it is not in the cache. */
const releaseMs = 15 * 60_000;
let clone: string;

/** A separate repository with the current files of this checkout, committed. */
beforeAll(async () => {
  clone = await mkdtemp(join(tmpdir(), 'livechannel-release-'));
  const { stdout } = await execute('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: checkout,
    maxBuffer: 16 * 1024 * 1024,
  });
  for (const path of stdout.split('\0').filter((each) => each !== '')) {
    await mkdir(dirname(join(clone, path)), { recursive: true });
    // Listed, but deleted in the working tree.
    await cp(join(checkout, path), join(clone, path)).catch(() => undefined);
  }
  await symlink(join(checkout, 'node_modules'), join(clone, 'node_modules'));
  await git('init', '--quiet', '--initial-branch=main');
  await writeFile(join(clone, '.git/info/exclude'), 'node_modules\n');
  await git('config', 'user.name', 'A Releaser');
  await git('config', 'user.email', 'releaser@example.com');
  await commit('feat: everything so far');
}, 120_000);

afterAll(async () => {
  await rm(clone, { recursive: true, force: true });
});

async function git(...args: string[]): Promise<string> {
  return (await execute('git', args, { cwd: clone })).stdout.trim();
}

async function commit(message: string): Promise<void> {
  await git('add', '--all');
  await git('commit', '--quiet', '--message', message);
}

interface Ended {
  readonly code: number;
  readonly output: string;
}

/** `make release` with this machine's caches and a separate directory for its output. */
async function makeRelease(...args: string[]): Promise<Ended> {
  const environment = {
    ...process.env,
    LIVECHANNEL_CACHE: foldersFrom(process.env).cache,
    LIVECHANNEL_LOCAL: join(clone, '.local'),
    MAKEFLAGS: '',
  };
  try {
    const { stdout, stderr } = await execute(
      'make',
      ['-o', 'node_modules/.package-lock.json', 'release', ...args],
      {
        cwd: clone,
        env: environment,
        maxBuffer: 16 * 1024 * 1024,
      },
    );
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() }).parse(error);
    return { code: failed.code, output: failed.stdout + failed.stderr };
  }
}

const read = (path: string): Promise<string> => readFile(join(clone, path), 'utf8');

test('--help explains what a release does', async () => {
  expect(await makeRelease('FLAGS=--help')).toMatchObject({
    code: 0,
    output: expect.stringContaining('DRY_RUN=1'),
  });
});

test('a dry run shows the notes and changes nothing', async () => {
  const before = await git('rev-parse', 'HEAD');
  const { code, output } = await makeRelease('VERSION=99.1.0', 'DRY_RUN=1');
  expect({ code, output }).toMatchObject({ code: 0, output: expect.stringContaining('# 99.1.0') });
  expect(await git('status', '--porcelain')).toBe('');
  expect(await git('rev-parse', 'HEAD')).toBe(before);
  expect(await git('tag', '--list')).toBe('');
});

test('a release with uncommitted changes is rejected', async () => {
  await writeFile(join(clone, 'left-over.txt'), 'not committed\n');
  expect(await makeRelease('VERSION=99.1.0')).toMatchObject({
    code: 2,
    output: expect.stringContaining('left-over.txt'),
  });
  await rm(join(clone, 'left-over.txt'));
});

test(
  'a release commits the versions and the changelog, tags them, and writes notes, an SBOM and the client',
  async () => {
    expect(await makeRelease('VERSION=99.1.0')).toMatchObject({ code: 0 });
    expect(await git('log', '-1', '--format=%s')).toBe('chore(release): v99.1.0');
    expect(await git('status', '--porcelain')).toBe('');
    expect(await git('rev-parse', 'v99.1.0^{commit}')).toBe(await git('rev-parse', 'HEAD'));
    expect(await git('cat-file', '-t', 'v99.1.0')).toBe('tag');

    expect(await read('package.json')).toContain('"version": "99.1.0"');
    expect(await read('charts/livechannel-operator/Chart.yaml')).toMatch(
      /^version: 99\.1\.0\nappVersion: 99\.1\.0$/m,
    );
    expect(await read('manifests/install.yaml')).toContain('helm.sh/chart: livechannel-operator-99.1.0');
    expect(await read('CHANGELOG.md')).toMatch(
      /## \[Unreleased\]\n\n## \[99\.1\.0\] - \d{4}-\d\d-\d\d\n\n###/,
    );
    expect(await read('UPGRADING.md')).toContain('## Unreleased\n\nNo action is required.\n\n## 99.1.0\n');
    // npm accepts the lock file.
    const lock = z
      .object({ version: z.string(), packages: z.looseObject({ '': z.object({ version: z.string() }) }) })
      .parse(JSON.parse(await read('package-lock.json')));
    expect([lock.version, lock.packages[''].version]).toEqual(['99.1.0', '99.1.0']);

    const bill = z
      .object({
        bomFormat: z.literal('CycloneDX'),
        metadata: z.object({ component: z.object({ name: z.string(), version: z.string() }) }),
        components: z.array(z.object({ name: z.string() })),
      })
      .parse(JSON.parse(await read('.local/release/v99.1.0/sbom.cdx.json')));
    expect(bill.metadata.component).toEqual({ name: 'livechannel-operator', version: '99.1.0' });
    const names = bill.components.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['fastify', 'zod', 'hls.js', 'agora-rtc-sdk-ng']));
    expect(names).not.toContain('jest');
    expect(await read('.local/release/v99.1.0/notes.md')).toContain('## Upgrading');
    expect(await readdir(join(clone, '.local/release/v99.1.0'))).toContain('livechannel-client-99.1.0.tgz');
  },
  releaseMs,
);

test('repeating the same release is rejected, and so is one without changes', async () => {
  expect(await makeRelease('VERSION=99.1.0')).toMatchObject({
    code: 2,
    output: expect.stringContaining('Tag v99.1.0 exists'),
  });
  expect(await makeRelease('VERSION=99.2.0')).toMatchObject({
    code: 2,
    output: expect.stringContaining('no entries under [Unreleased]'),
  });
});
