import { execFile } from 'node:child_process';
import { dirname } from 'node:path';
import { startControlPlane } from '../../../hack/cluster/control-plane.ts';
import { ensureTool } from '../../../hack/tools/build.ts';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import { blocksOf, commandsOf } from '../../support/docs/markdown-blocks.ts';
import { checkout, type Outcome } from '../../support/cluster/cluster-cli.ts';

/** A user's shell in the checkout, with the pinned `kubectl` and `helm`, on a real API server without nodes. */
export interface Shell extends AsyncDisposable {
  /** Runs the text as bash reads it; the first command that fails ends it. */
  run(script: string): Promise<Outcome>;
  /** Makes a new namespace the current one, as a page finds it that nothing was done in before. */
  useNewNamespace(name: string): Promise<void>;
}

export async function openShell(): Promise<Shell> {
  const folders = foldersFrom(process.env);
  const report = (line: string): boolean => process.stderr.write(`${line}\n`);
  const controlPlane = await startControlPlane();
  const kubectl = await ensureTool(folders, 'kubernetes', report, 'kubectl');
  const helm = await ensureTool(folders, 'helm', report);
  const env = {
    PATH: [dirname(kubectl), dirname(helm), process.env['PATH']].join(':'),
    HOME: process.env['HOME'],
    KUBECONFIG: controlPlane.kubeconfigPath,
  };
  const run = (script: string): Promise<Outcome> =>
    new Promise((done) => {
      const options = { cwd: checkout, env, maxBuffer: 32 * 1024 * 1024, timeout: 120_000 };
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
    },
  };
}

/** Programs that a block may start here: the others would change the machine, or need the network. */
const programs: ReadonlySet<string> = new Set(['kubectl', 'helm']);

/** A block that did not work, with what it printed. */
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

/** The `sh` blocks of a page: those to run, and what is wrong with the list of those that are left out. */
export interface Selection {
  readonly blocks: readonly string[];
  /** Of `leftOut`: the page has no such block (any more). */
  readonly unknown: readonly string[];
}

/**
 * `leftOut` has the first line of each block that is not to run. Calls of the REST API are left out, too:
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
