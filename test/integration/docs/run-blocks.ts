import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startControlPlane } from '../../../hack/cluster/control-plane.ts';
import { ensureTool } from '../../../hack/tools/build.ts';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import { blocksOf, commandsOf, readDoc } from '../../support/docs/markdown-blocks.ts';
import { checkout, type Outcome } from '../../support/cluster/cluster-cli.ts';

/**
 * A user's shell in a folder with the files of the checkout, the user's own `images.yaml`, and an empty home. It has the pinned `kubectl` and
 * `helm`, on a real API server without nodes.
 */
export interface Shell extends AsyncDisposable {
  /** Runs the text with bash; the first command that fails ends it. */
  run(script: string): Promise<Outcome>;
  /** Creates a new namespace and makes it the current one, since a page assumes an empty namespace. */
  useNewNamespace(name: string): Promise<void>;
}

export async function openShell(): Promise<Shell> {
  const folders = foldersFrom(process.env);
  const report = (line: string): boolean => process.stderr.write(`${line}\n`);
  const controlPlane = await startControlPlane();
  const kubectl = await ensureTool(folders, 'kubernetes', report, 'kubectl');
  const helm = await ensureTool(folders, 'helm', report);
  const folder = await mkdtemp(join(tmpdir(), 'livechannel-reader-'));
  for (const name of await readdir(checkout)) await symlink(join(checkout, name), join(folder, name));
  const [imagesFile = ''] = blocksOf(await readDoc('install/images.md'), 'yaml');
  await writeFile(join(folder, 'images.yaml'), imagesFile);
  const home = join(folder, 'home');
  await mkdir(home);
  const env = {
    PATH: [dirname(kubectl), dirname(helm), process.env['PATH']].join(':'),
    HOME: home,
    KUBECONFIG: controlPlane.kubeconfigPath,
  };
  const run = (script: string): Promise<Outcome> =>
    new Promise((done) => {
      const options = { cwd: folder, env, maxBuffer: 32 * 1024 * 1024, timeout: 120_000 };
      execFile('bash', ['--norc', '-euo', 'pipefail', '-c', script], options, (error, stdout, stderr) => {
        done({ ok: error === null, stdout, stderr });
      });
    });
  return {
    run,
    async useNewNamespace(name) {
      const { ok, stderr } = await run(
        `kubectl create namespace ${name} && kubectl config set-context --current --namespace=${name}`,
      );
      if (!ok) throw new Error(stderr);
    },
    async [Symbol.asyncDispose]() {
      await controlPlane.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Programs that a block may run here: others would change the machine or need the network. `cp` copies to the reader's home. */
const programs: ReadonlySet<string> = new Set(['kubectl', 'helm', 'cp']);

/** A failed block with its output. */
export interface Failure {
  readonly block: string;
  readonly output: string;
}

/** Runs the blocks one after the other, unchanged. */
export async function failuresOf(blocks: readonly string[], shell: Shell): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const block of blocks) {
    const other = commandsOf(block).find((command) => !programs.has(command.split(' ')[0] ?? ''));
    const { ok, stdout, stderr } =
      other === undefined
        ? await shell.run(block)
        : { ok: false, stdout: '', stderr: `this test does not run: ${other}` };
    if (!ok) failures.push({ block, output: stdout + stderr });
  }
  return failures;
}

/** The `sh` blocks of a page to run, and errors in the list of blocks to skip. */
export interface Selection {
  readonly blocks: readonly string[];
  /** Entries of `leftOut` without a block on the page. */
  readonly unknown: readonly string[];
}

/**
 * `leftOut` has the first line of each block to skip. Calls of the REST API are skipped, too:
 * test/unit/docs/rest-calls.test.ts compares them with the OpenAPI document.
 */
export function selectBlocks(page: string, leftOut: readonly string[]): Selection {
  const all = blocksOf(page, 'sh');
  const firstLineOf = (block: string): string => block.split('\n')[0] ?? '';
  const isRest = (block: string): boolean =>
    commandsOf(block).every((command) => /^curl .*"\$API/.test(command));
  return {
    blocks: all.filter((block) => !leftOut.includes(firstLineOf(block)) && !isRest(block)),
    unknown: leftOut.filter((line) => !all.some((block) => firstLineOf(block) === line)),
  };
}
