import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { ensureTool } from '../../../hack/tools/build.ts';
import { foldersFrom } from '../../../hack/tools/folders.ts';

export const checkout = resolve(import.meta.dirname, '../../..');

/** What a program said, and whether it went well. */
export interface Outcome {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export type Cli = (args: readonly string[], input?: string) => Promise<Outcome>;

/** The pinned kubectl or helm as a user of the given cluster has it, run in the checkout. */
export async function clusterCli(program: 'kubectl' | 'helm', kubeconfig: string): Promise<Cli> {
  const folders = foldersFrom(process.env);
  const report = (line: string): boolean => process.stderr.write(`${line}\n`);
  const path =
    program === 'helm'
      ? await ensureTool(folders, 'helm', report)
      : await ensureTool(folders, 'kubernetes', report, 'kubectl');
  const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'], KUBECONFIG: kubeconfig };
  return (args, input) =>
    new Promise((done) => {
      const child = execFile(
        path,
        args,
        { cwd: checkout, env: environment, maxBuffer: 32 * 1024 * 1024 },
        (error, stdout, stderr) => {
          done({ ok: error === null, stdout, stderr });
        },
      );
      child.stdin?.end(input);
    });
}

/** The output of a command that must go well. */
export async function expectOk(outcome: Promise<Outcome>): Promise<string> {
  const { ok, stdout, stderr } = await outcome;
  if (!ok) throw new Error(stderr.trim() === '' ? stdout : stderr);
  return stdout;
}
