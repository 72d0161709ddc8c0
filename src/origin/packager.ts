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

export interface FinishedSegment {
  readonly file: string;
  readonly seconds: number;
  readonly bytes: number;
}

export interface PackagerOptions extends PackagerInput {
  readonly ffmpeg: string;
  readonly log: Logger;
  /** In order, one at a time. */
  readonly onSegment: (segment: FinishedSegment) => Promise<void>;
  /** Once, after the last segment was handed over. */
  readonly onExit: (exit: { code: number | null }) => void;
}

export interface Packager {
  /** Lets FFmpeg finish the segment it writes; kills it when it does not. Resolves once everything was handed over. */
  stop(): Promise<void>;
}

/** Runs one FFmpeg that copies one RTMP session into fMP4 segments in a directory of its own. */
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
    async stop() {
      await stopChild(child, 2000);
      await ended;
    },
  };
}

/** The list is not there before the first segment is finished. */
function missingFile(error: unknown): string {
  if (errorCode(error) === 'ENOENT') return '';
  throw error;
}
