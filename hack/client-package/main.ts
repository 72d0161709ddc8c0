/**
 * node hack/client-package/main.ts [FOLDER]: builds @livechannel/client and packs it into FOLDER (.local/client-package),
 * for `npm install` and `npm publish`. Prints the path of the tarball.
 */
import { join, resolve } from 'node:path';
import { errorMessage } from '../../src/base/error-text.ts';
import { packClient } from '../build/pack-client.ts';
import { foldersFrom } from '../tools/folders.ts';

const { checkout, local } = foldersFrom(process.env);
try {
  const path = await packClient(checkout, resolve(process.argv[2] ?? join(local, 'client-package')));
  console.log(path);
} catch (error) {
  console.error(`client-package: ${errorMessage(error)}`);
  process.exitCode = 1;
}
