import { existsSync } from 'node:fs';

/** Part of util-linux. An image without it is a single container, whose processes end with its first one. */
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/** A command line that the kernel kills when this process ends, even by kill -9. */
export function tied(command: string, args: readonly string[]): [string, string[]] {
  return setpriv === undefined
    ? [command, [...args]]
    : [setpriv, ['--pdeathsig', 'KILL', '--', command, ...args]];
}
