import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { Run } from './leftovers.ts';
import { processes } from '../../support/processes/process-tree.ts';
import { runVariable } from '../../support/processes/run-name.ts';

const leftSchema = z.array(z.string());

/**
 * Ends everything that this process has started, and removes its temporary files: when asked to, or when this process
 * is gone, however it ended. It is a process of its own that holds the other end of a pipe, in its own session, so that
 * neither a kill -9 nor Ctrl-C in a terminal ends both.
 */
export class Reaper {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** From now on all children carry the name of the run, and temporary files are in a folder of the run. */
  static async start(name: string, afterwards?: string): Promise<Reaper> {
    // Short: Chromium has a socket below it, whose path may have 107 bytes.
    const folder = mkdtempSync(join(tmpdir(), 'livechannel-'));
    chmodSync(folder, 0o711); // PostgreSQL's user has a folder in it
    const bench = processes().find(({ pid }) => pid === process.pid);
    const run: Run = { name, folder, bench: { pid: process.pid, startedAt: bench?.startedAt ?? 0 } };
    const child = spawn(
      process.execPath,
      [
        join(import.meta.dirname, 'reaper-main.ts'),
        JSON.stringify(run),
        ...(afterwards === undefined ? [] : [afterwards]),
      ],
      { stdio: ['pipe', 'pipe', 'inherit'], detached: true },
    );
    await once(child, 'spawn');
    process.env['TMPDIR'] = folder;
    process.env[runVariable] = name;
    return new Reaper(child);
  }

  /** Resolves when nothing is left; gives the commands of what was. */
  async reap(): Promise<readonly string[]> {
    const { stdin, stdout } = this.#child;
    if (stdin === null || stdout === null) throw new Error('the reaper has no pipes');
    stdin.on('error', () => undefined); // it was killed, and has nothing to name
    stdin.end();
    const said = await text(stdout);
    return said === '' ? [] : leftSchema.parse(JSON.parse(said));
  }
}
