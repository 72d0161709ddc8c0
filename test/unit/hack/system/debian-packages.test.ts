import { expect, test } from '@jest/globals';
import {
  ensureDebianPackages,
  type Requirement,
  type System,
} from '../../../../hack/system/debian-packages.ts';

const nginx: Requirement = { file: 'nginx', debianPackage: 'nginx-light' };
const shell: Requirement = { file: '/usr/lib/shell', debianPackage: 'chromium-headless-shell' };

/** A machine on which apt installs the files in `packages`, unless it fails. */
class Machine implements System {
  readonly there = new Set<string>();
  readonly calls: string[] = [];
  isRoot = true;
  fails = false;
  /** The files that a package installs. */
  packages: Record<string, string> = { 'nginx-light': 'nginx', 'chromium-headless-shell': '/usr/lib/shell' };

  async isThere({ file }: Requirement): Promise<boolean> {
    return this.there.has(file);
  }

  async canInstall(): Promise<boolean> {
    return this.isRoot;
  }

  async apt(args: readonly string[]): Promise<void> {
    this.calls.push(args.join(' '));
    if (this.fails) throw new Error(`apt-get ${args.join(' ')} failed: no network`);
    for (const arg of args) this.there.add(this.packages[arg] ?? '');
  }
}

function ensure(machine: Machine): { lines: string[]; done: Promise<void> } {
  const lines: string[] = [];
  const report = (line: string): void => void lines.push(line);
  return {
    lines,
    done: ensureDebianPackages('make bench-relay', [nginx, shell, nginx], report, machine),
  };
}

test('an installed program is neither installed again nor mentioned', async () => {
  const machine = new Machine();
  machine.there.add('nginx').add('/usr/lib/shell');
  const { lines, done } = ensure(machine);
  await done;
  expect(machine.calls).toEqual([]);
  expect(lines).toEqual([]);
});

test('a missing program is installed, with progress', async () => {
  const machine = new Machine();
  machine.there.add('/usr/lib/shell');
  const { lines, done } = ensure(machine);
  await done;
  expect(machine.calls).toEqual(['update', 'install -y --no-install-recommends nginx-light']);
  expect(lines).toEqual([
    'installing for make bench-relay: nginx-light',
    'installed for make bench-relay in 0 s: nginx-light',
  ]);
});

test('without the rights to install, the error has the missing programs, their purpose and the command', async () => {
  const machine = new Machine();
  machine.isRoot = false;
  await expect(ensure(machine).done).rejects.toThrow(
    'make bench-relay: nginx, /usr/lib/shell not found, and packages can be installed only by root on Debian. ' +
      'Install by hand: sudo apt-get install nginx-light chromium-headless-shell',
  );
});

test('a failed installation is reported with the packages, the cause and the command', async () => {
  const machine = new Machine();
  machine.fails = true;
  await expect(ensure(machine).done).rejects.toThrow(
    'make bench-relay: could not install nginx-light chromium-headless-shell. apt-get update failed: no network\n' +
      'Install by hand: sudo apt-get install nginx-light chromium-headless-shell',
  );
});

test('a package that does not contain the program is a separate error', async () => {
  const machine = new Machine();
  machine.packages = { 'nginx-light': 'nginx' };
  await expect(ensure(machine).done).rejects.toThrow(
    'make bench-relay: chromium-headless-shell installed, but /usr/lib/shell still not found. ' +
      'Install again: sudo apt-get install --reinstall chromium-headless-shell',
  );
});
