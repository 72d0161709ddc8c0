import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { errorMessage } from '../../src/base/error-text.ts';

const execute = promisify(execFile);

const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** Folders of system programs, also if a user's PATH lacks those of the administrator. */
export const systemPath = systemFolders.join(':');

const heartbeatMs = 15_000;

/** Something that the machine must have, and the Debian package that contains it. */
export interface Requirement {
  /** A program's name, or a file's path. */
  readonly file: string;
  readonly debianPackage: string;
  /** A command that ends with 0 if it is there, for what no single file shows. Its program is found on the PATH. */
  readonly probe?: readonly [string, ...string[]];
}

/** The functions that find out what is missing and install it. */
export interface System {
  isThere(requirement: Requirement): Promise<boolean>;
  /** Whether this is Debian and the user is root. */
  canInstall(): Promise<boolean>;
  apt(args: readonly string[]): Promise<void>;
}

export const thisSystem: System = {
  isThere: ({ file, probe }) => (probe === undefined ? isThere(file) : succeeds(probe)),
  canInstall: async () => process.getuid?.() === 0 && (await isThere('apt-get')),
  apt,
};

/**
 * Makes sure that all of it is installed. Installs what is missing with apt if this is Debian and the user is root.
 * Otherwise fails with the names of the packages and the command that installs them.
 */
export async function ensureDebianPackages(
  purpose: string,
  requirements: readonly Requirement[],
  report: (line: string) => void,
  system: System = thisSystem,
): Promise<void> {
  const missing = await missingFrom(requirements, system);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(({ debianPackage }) => debianPackage))];
  const list = packages.join(' ');
  const byHand = `Install by hand: sudo apt-get install ${list}`;
  if (!(await system.canInstall()))
    throw new Error(
      `${purpose}: ${filesOf(missing)} not found, and packages can be installed only by root on Debian. ${byHand}`,
    );
  report(`installing for ${purpose}: ${list}`);
  const started = performance.now();
  const seconds = (): string => ((performance.now() - started) / 1_000).toFixed(0);
  const heartbeat = setInterval(() => {
    report(`still installing for ${purpose}, ${seconds()} s: ${list}`);
  }, heartbeatMs);
  try {
    await system.apt(['update']);
    await system.apt(['install', '-y', '--no-install-recommends', ...packages]);
  } catch (cause) {
    const problem = errorMessage(cause);
    throw new Error(`${purpose}: could not install ${list}. ${problem}\n${byHand}`, { cause });
  } finally {
    clearInterval(heartbeat);
  }
  const still = await missingFrom(requirements, system);
  if (still.length > 0) {
    const installed = [...new Set(still.map(({ debianPackage }) => debianPackage))].join(' ');
    throw new Error(
      `${purpose}: ${installed} installed, but ${filesOf(still)} still not found. ` +
        `Install again: sudo apt-get install --reinstall ${installed}`,
    );
  }
  report(`installed for ${purpose} in ${seconds()} s: ${list}`);
}

async function missingFrom(requirements: readonly Requirement[], system: System): Promise<Requirement[]> {
  const checked = await Promise.all(
    requirements.map(async (each) => ((await system.isThere(each)) ? [] : [each])),
  );
  return checked.flat();
}

function filesOf(requirements: readonly Requirement[]): string {
  return [...new Set(requirements.map(({ file }) => file))].join(', ');
}

async function isThere(file: string): Promise<boolean> {
  const places = isAbsolute(file) ? [file] : systemFolders.map((folder) => join(folder, file));
  return Promise.any(places.map((place) => access(place))).then(
    () => true,
    () => false,
  );
}

function succeeds([program, ...args]: readonly [string, ...string[]]): Promise<boolean> {
  return execute(program, args).then(
    () => true,
    () => false,
  );
}

async function apt(args: readonly string[]): Promise<void> {
  // Services that a package contains are not started: the tests start them.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  try {
    await execute('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-qq', ...args], { env, maxBuffer: 64 << 20 });
  } catch (error) {
    const said =
      error instanceof Error && 'stderr' in error ? String(error.stderr).trim().slice(-1_000) : String(error);
    throw new Error(`apt-get ${args.join(' ')} failed: ${said}`, { cause: error });
  }
}
