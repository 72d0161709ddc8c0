import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import type { Identity } from './identity.ts';
import { isAlive, listProcesses, type ProcessInfo } from './processes.ts';
import { Program } from './program.ts';
import { run } from './run.ts';
import { waitUntil } from './wait-until.ts';

/**
 * A machine of the cluster: a set of kernel namespaces that its first process (pause) holds open. What runs in it
 * cannot outlive that process: the kernel kills every process of the PID namespace with it, and the mounts, interfaces
 * and packet filter rules are removed with the last process. So a cluster can be removed completely, even after a crash
 * during its start.
 */
export interface Machine {
  readonly name: string;
  /** The first process, as seen from outside. */
  readonly pid: number;
  /** Whether it has a separate network namespace, or the host's. */
  readonly ownNetwork: boolean;
}

const sharedNamespaces = ['--mount', '--pid'];
const ownNamespaces = [...sharedNamespaces, '--net', '--uts', '--ipc'];

/** Starts a machine. Mounts that are added or removed on the host later are propagated to it, but not the other way. */
export async function startMachine(
  identity: Identity,
  name: string,
  ownNetwork: boolean,
  pausePath: string,
): Promise<Machine> {
  const child = spawn(
    'unshare',
    [
      ...(ownNetwork ? ownNamespaces : sharedNamespaces),
      ...['--fork', '--kill-child=SIGKILL', '--mount-proc', '--propagation=slave', '--'],
      ...[pausePath, identity.tag, name],
    ],
    { detached: true, stdio: 'ignore', cwd: '/' },
  );
  await once(child, 'spawn');
  child.unref();
  const pid = await waitUntil(`machine ${name} starts`, 10_000, async () => {
    const first = (await listProcesses()).find((info) => isFirstProcess(info, identity, name));
    if (first === undefined && child.exitCode !== null) {
      throw new Error(`unshare ended with ${String(child.exitCode)}: namespaces cannot be created here`);
    }
    return first?.pid;
  });
  return { name, pid, ownNetwork };
}

/**
 * Starts a program in the machine that keeps running when this process ends. Its output is appended to the log file.
 */
export async function launch(
  machine: Machine,
  command: readonly [string, ...string[]],
  logFile: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Program> {
  const name = `${basename(command[0])} of ${machine.name}`;
  const options = { outlivesUs: true, environment };
  return Program.start(name, ['nsenter', ...enter(machine), ...command], logFile, options);
}

/**
 * A command that starts another one again a second after it ends, as systemd or a DaemonSet would. Needed for programs
 * that end by design to begin afresh.
 */
export const restarting = (command: readonly string[]): [string, ...string[]] => [
  ...(['sh', '-c', 'while :; do "$@"; sleep 1; done', 'sh'] as const),
  ...command,
];

/** Runs a command in the machine and waits for its end. */
export async function runIn(
  machine: Machine,
  command: readonly [string, ...string[]],
  input?: string | { readonly file: string },
): Promise<string> {
  return run('nsenter', [...enter(machine), ...command], input === undefined ? {} : { input });
}

function enter(machine: Machine): string[] {
  const namespaces = machine.ownNetwork ? ownNamespaces : sharedNamespaces;
  return [`--target=${String(machine.pid)}`, ...namespaces, '--'];
}

/** The first processes of that cluster's machines. */
export async function findMachines(identity: Identity): Promise<ProcessInfo[]> {
  return (await listProcesses()).filter((info) => isFirstProcess(info, identity));
}

/** Ends every machine of the cluster, and waits until all their processes have ended. */
export async function killMachines(identity: Identity): Promise<void> {
  await waitUntil(`the machines of ${identity.tag} end`, 30_000, async () => {
    // Looked up each time, never cached: a process id may be reused by another process.
    const left = (await listProcesses()).filter((info) => info.args.at(-2) === identity.tag);
    const alive = await Promise.all(left.map((info) => isAlive(info.pid)));
    const running = left.filter((_, index) => alive[index] === true);
    const first = running.filter((info) => isFirstProcess(info, identity));
    // unshare waits for its first process and ends with it. It is killed only if it has no such process yet.
    for (const info of first.length > 0 ? first : running) kill(info.pid);
    return running.length > 0 ? undefined : true;
  });
}

function isFirstProcess({ args }: ProcessInfo, identity: Identity, name?: string): boolean {
  return (
    args.length === 3 &&
    args[0]?.endsWith('/pause') === true &&
    args[1] === identity.tag &&
    (name === undefined || args[2] === name)
  );
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself between the check and the signal, which is fine.
  }
}
