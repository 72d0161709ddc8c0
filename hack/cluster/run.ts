import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';

export interface RunOptions {
  /** Text that the command reads, or a file. */
  readonly input?: string | { readonly file: string };
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** Runs a command and returns its output. Fails with its error output unless it ends with 0. */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const result = await attempt(command, args, options);
  if (result.status !== 0) {
    const detail = (result.stderr.trim() || result.stdout.trim()).slice(-2000);
    throw new Error(`${command} ${args.join(' ')} failed (${String(result.status)}): ${detail}`);
  }
  return result.stdout;
}

export interface Outcome {
  readonly status: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command and returns its result, whatever the exit code. Fails only if it cannot be started. */
export function attempt(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.environment !== undefined && { env: { ...process.env, ...options.environment } }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ status: code ?? signal ?? 'SIGKILL', stdout, stderr });
    });
    // A command that ends before it has read all of its input reports the reason itself.
    child.stdin.on('error', () => undefined);
    if (typeof options.input === 'object')
      createReadStream(options.input.file).on('error', reject).pipe(child.stdin);
    else child.stdin.end(options.input ?? '');
  });
}
