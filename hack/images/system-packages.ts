import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { runLogged } from './run-logged.ts';

const execute = promisify(execFile);

/** Program -> the Debian package that has it. */
export type Programs = Readonly<Record<string, string>>;

/** Which of the programs the machine lacks, by the names of their Debian packages. */
export async function missingPackages(programs: Programs): Promise<string[]> {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const missing: string[] = [];
  for (const [program, debianPackage] of Object.entries(programs)) {
    const found = await Promise.any(
      folders.map((folder) => access(join(folder, program), constants.X_OK)),
    ).then(
      () => true,
      () => false,
    );
    if (!found) missing.push(debianPackage);
  }
  return missing;
}

/** Installs what is missing where the machine is a Debian and we are root; else says exactly what to install. */
export async function ensurePrograms(
  programs: Programs,
  purpose: string,
  logFile: string,
  report: (line: string) => void,
): Promise<void> {
  const missing = await missingPackages(programs);
  if (missing.length === 0) return;
  const install = ['install', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300', ...missing];
  const apt = await execute('apt-get', ['--version']).then(
    () => true,
    () => false,
  );
  if (!apt || process.getuid?.() !== 0) {
    throw new Error(
      `${purpose} needs ${missing.join(', ')}. Install them (Debian: sudo apt-get install ${missing.join(' ')}), or start Docker`,
    );
  }
  report(`images: installing ${missing.join(', ')}`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runLogged('apt-get', ['update', '-o', 'DPkg::Lock::Timeout=300'], { logFile, environment });
  await runLogged('apt-get', install, { logFile, environment });
}
