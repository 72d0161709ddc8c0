import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The mirror of Debian's packages, with a slash at the end. */
export interface DebianMirror {
  readonly archive: string;
  readonly security: string;
}

/** The mirrors that this machine's own apt uses, or LIVECHANNEL_DEBIAN_MIRROR (then with `-security` beside it). */
export async function debianMirror(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<DebianMirror> {
  const given = environment['LIVECHANNEL_DEBIAN_MIRROR'];
  if (given !== undefined && given !== '') {
    const archive = given.replace(/\/*$/, '/');
    return { archive, security: archive.replace(/\/$/, '-security/') };
  }
  const { stdout } = await execute('apt-get', [
    'indextargets',
    '--format',
    '$(REPO_URI)',
    'Created-By: Packages',
  ]);
  return chooseMirror(stdout.split('\n'));
}

/** Selects the two mirrors from the addresses that apt knows. */
export function chooseMirror(addresses: readonly string[]): DebianMirror {
  const ending = (path: string): string | undefined => addresses.find((address) => address.endsWith(path));
  const archive = ending('/debian/');
  if (archive === undefined)
    throw new Error(
      'no registry answers for the base image, and apt knows no mirror of Debian to make it from: set ' +
        "LIVECHANNEL_DEBIAN_MIRROR to one's address",
    );
  return {
    archive,
    security: ending('/debian-security/') ?? archive.replace(/debian\/$/, 'debian-security/'),
  };
}
