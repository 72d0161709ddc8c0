import { existsSync } from 'node:fs';

/** Of util-linux. An image without it is one container, whose processes end with its first one. */
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/** A command line that the kernel ends as soon as this process is gone, even by kill -9. */
export function tied(command: string, args: readonly string[]): [string, string[]] {
  return setpriv === undefined
    ? [command, [...args]]
    : [setpriv, ['--pdeathsig', 'KILL', '--', command, ...args]];
}
