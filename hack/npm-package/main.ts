/**
 * node hack/npm-package/main.ts client|player [FOLDER]: builds @livechannel/client or @livechannel/react and packs it into
 * FOLDER (.local/client-package, .local/player-package), for `npm install` and `npm publish`. Prints the path of the
 * tarball.
 */
import { join, resolve } from 'node:path';
import { errorMessage } from '../../src/base/error-text.ts';
import { npmPackages, pack } from '../build/pack.ts';
import { foldersFrom } from '../tools/folders.ts';

const { checkout, local } = foldersFrom(process.env);
try {
  const [, , given = '', folder] = process.argv;
  const name = npmPackages.find((each) => each === given);
  if (name === undefined) throw new Error(`"${given}" is none of: ${npmPackages.join(', ')}.`);
  console.log(await pack(name, checkout, resolve(folder ?? join(local, `${name}-package`))));
} catch (error) {
  console.error(`npm-package: ${errorMessage(error)}`);
  process.exitCode = 1;
}
