import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { errorCode } from '../base/error-text.ts';
import { logLines } from './log-lines.ts';
import { PACKAGER_LIST, packagerArguments, segmentsAfter } from './packager-files.ts';
import type { PackagerInput } from './packager-files.ts';
import { serial } from '../base/serial.ts';
import { stopChild } from './stop-child.ts';

/** A segment that is complete. */
export interface FinishedSegment {
  readonly file: string;
  readonly seconds: number;
  readonly bytes: number;
}

/** What a packager needs. */
export interface PackagerOptions extends PackagerInput {
  readonly ffmpeg: string;
  readonly log: Logger;
  /** Called in order, one at a time. */
  readonly onSegment: (segment: FinishedSegment) => Promise<void>;
  /** Called once, after the last segment was passed to onSegment. */
  readonly onExit: (exit: { code: number | null }) => void;
}

/** A running packager. */
export interface Packager {
  /**
   * Lets FFmpeg finish the current segment, and kills it if it does not exit. Resolves after the last call of onExit.
   */
  stop(): Promise<void>;
  /** Resident memory in MiB; undefined when the process is gone. */
  memoryMib(): Promise<number | undefined>;
}

/** Runs one FFmpeg that copies one RTMP session into fMP4 segments in a separate folder. */
export async function startPackager(options: PackagerOptions): Promise<Packager> {
  const { directory, log } = options;
  await mkdir(directory, { recursive: true });
  const inTurn = serial();
  let last: string | undefined;

  const readList = async (): Promise<void> => {
    const list = await readFile(join(directory, PACKAGER_LIST), 'utf8').catch(missingFile);
    for (const { file, seconds } of segmentsAfter(list, last)) {
      const { size } = await stat(join(directory, file));
      last = file;
      await options.onSegment({ file, seconds, bytes: size });
    }
  };
  const lookAtList = (): Promise<void> =>
    inTurn(readList).catch((error: unknown) => {
      log.warn({ err: error, directory }, 'segment list not readable');
    });

  const watcher = watch(directory, (_event, file) => {
    if (file === PACKAGER_LIST) void lookAtList();
  });
  const child = spawn(options.ffmpeg, packagerArguments(options), { stdio: ['ignore', 'ignore', 'pipe'] });
  logLines(child.stderr, (line) => {
    log.debug({ line }, 'packager');
  });
  const ended = new Promise<void>((resolve) => {
    const finish = (code: number | null): void => {
      watcher.close();
      void lookAtList().then(() => {
        options.onExit({ code });
        resolve();
      });
    };
    child.once('close', finish);
    child.once('error', (error) => {
      log.error({ err: error }, 'packager cannot be started');
      if (child.pid === undefined) finish(null);
    });
  });

  return {
    memoryMib: () => residentMib(child.pid),
    async stop() {
      await stopChild(child, 2000);
      await ended;
    },
  };
}

/** proc(5), /proc/pid/status. */
async function residentMib(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}

/** The list does not exist before the first segment is finished. */
function missingFile(error: unknown): string {
  if (errorCode(error) === 'ENOENT') return '';
  throw error;
}
