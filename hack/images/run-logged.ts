import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';

export interface LoggedRun {
  /** Everything that the program prints is appended to it. */
  readonly logFile: string;
  readonly environment?: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

/** Runs a program and waits for its end. If it fails, the error contains the end of its output. */
export async function runLogged(program: string, args: readonly string[], how: LoggedRun): Promise<void> {
  const log = await open(how.logFile, 'a');
  try {
    const child = spawn(program, args, {
      stdio: ['ignore', log.fd, log.fd],
      env: how.environment ?? process.env,
      ...(how.timeoutMs !== undefined && { timeout: how.timeoutMs }),
    });
    await once(child, 'close');
    if (child.exitCode === 0) return;
    const said = (await readFile(how.logFile, 'utf8')).trim().split('\n').slice(-25).join('\n');
    throw new Error(
      `${program} ended with ${String(child.signalCode ?? child.exitCode)}; the end of ${how.logFile}:\n${said}`,
    );
  } finally {
    await log.close();
  }
}
