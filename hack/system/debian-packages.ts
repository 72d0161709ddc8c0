import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

const systemFolders = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** Where programs of the system are, also when a user's PATH leaves out the administrator's. */
export const systemPath = systemFolders.join(':');

/** Something that must be on the machine: a program's name or a file's path, and the Debian package that has it. */
export interface Requirement {
  readonly file: string;
  readonly debianPackage: string;
}

/**
 * Makes sure that all of it is there: installs what is missing with apt where this is Debian and we are root, else
 * fails with a message that says exactly what to install.
 */
export async function ensureDebianPackages(
  purpose: string,
  requirements: readonly Requirement[],
  report: (line: string) => void,
): Promise<void> {
  const missing = await missingPackages(requirements);
  if (missing.length === 0) return;
  const list = missing.join(' ');
  if (process.getuid?.() !== 0 || !(await isThere('apt-get')))
    throw new Error(
      `${purpose} needs what is missing here. Install it (Debian: sudo apt-get install ${list})`,
    );
  report(`installing for ${purpose}: ${list}`);
  await apt(['update']);
  await apt(['install', '-y', '--no-install-recommends', ...missing]);
  const still = await missingPackages(requirements);
  if (still.length > 0)
    throw new Error(
      `${still.join(', ')} were installed, but what they should have is not where it is expected`,
    );
}

async function missingPackages(requirements: readonly Requirement[]): Promise<string[]> {
  const checked = await Promise.all(
    requirements.map(async ({ file, debianPackage }) => ((await isThere(file)) ? [] : [debianPackage])),
  );
  return [...new Set(checked.flat())];
}

async function isThere(file: string): Promise<boolean> {
  const places = isAbsolute(file) ? [file] : systemFolders.map((folder) => join(folder, file));
  return Promise.any(places.map((place) => access(place))).then(
    () => true,
    () => false,
  );
}

async function apt(args: readonly string[]): Promise<void> {
  // Services that a package brings are for the tests to start, not for the machine.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  try {
    await execute('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-qq', ...args], { env, maxBuffer: 64 << 20 });
  } catch (error) {
    const said =
      error instanceof Error && 'stderr' in error ? String(error.stderr).trim().slice(-1_000) : String(error);
    throw new Error(`apt-get ${args.join(' ')} failed: ${said}`, { cause: error });
  }
}
