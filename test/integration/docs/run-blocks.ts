import { startControlPlane } from '../../../hack/cluster/control-plane.ts';
import { blocksOf, commandsOf } from '../../unit/docs/markdown-blocks.ts';
import { clusterCli, type Cli } from '../chart/cluster-cli.ts';

/** `kubectl` and `helm` on a real API server without nodes: nothing becomes ready, and there are no pods to exec in. */
export interface Shell extends AsyncDisposable {
  readonly kubectl: Cli;
  readonly helm: Cli;
}

export async function openShell(): Promise<Shell> {
  const controlPlane = await startControlPlane();
  return {
    kubectl: await clusterCli('kubectl', controlPlane.kubeconfigPath),
    helm: await clusterCli('helm', controlPlane.kubeconfigPath),
    async [Symbol.asyncDispose]() {
      await controlPlane.stop();
    },
  };
}

/** `a 'b c' d=' e'` as a shell reads it. */
export const wordsOf = (command: string): string[] =>
  (command.match(/(?:[^\s']|'[^']*')+/g) ?? []).map((word) => word.replaceAll("'", ''));

/** A command that failed, with what it printed. */
export interface Failure {
  readonly command: string;
  readonly output: string;
}

/** Runs the commands one after the other, unchanged. Anything but kubectl and helm is a failure. */
export async function failuresOf(commands: readonly string[], shell: Shell): Promise<Failure[]> {
  const failures: Failure[] = [];
  for (const command of commands) {
    const [program = '', ...args] = wordsOf(command);
    if (program !== 'kubectl' && program !== 'helm') {
      failures.push({ command, output: `${program} does not run in this test` });
      continue;
    }
    const { ok, stdout, stderr } = await shell[program](args);
    if (!ok) failures.push({ command, output: stdout + stderr });
  }
  return failures;
}

/** The `sh` blocks of a page, as those to run and those that are left out by name. */
export interface Selection {
  readonly commands: readonly string[];
  /** Blocks of `leftOut` that the page does not have: the list is out of date. */
  readonly unknown: readonly string[];
}

/** `leftOut` has the first line of each block that does not run in a test. */
export function selectBlocks(page: string, leftOut: readonly string[]): Selection {
  const blocks = blocksOf(page, 'sh');
  const firstLineOf = (block: string): string => block.split('\n')[0] ?? '';
  const kept = blocks.filter((block) => !leftOut.includes(firstLineOf(block)));
  return {
    commands: kept.flatMap(commandsOf),
    unknown: leftOut.filter((line) => !blocks.some((block) => firstLineOf(block) === line)),
  };
}
