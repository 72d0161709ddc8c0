/**
 * node reaper-main.ts RUN [MAKE_TARGET]: waits until stdin is closed, then ends what the run has left behind. See
 * reaper.ts.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { z } from 'zod';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import { endLeftovers } from './leftovers.ts';

const runSchema = z.object({
  name: z.string(),
  folder: z.string(),
  bench: z.object({ pid: z.number(), startedAt: z.number() }),
});

const [order = '', afterwards = ''] = process.argv.slice(2);
const run = runSchema.parse(JSON.parse(order));
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) process.on(signal, () => undefined);
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined); // the reader has exited

process.stdin.resume();
await once(process.stdin, 'close');
if (afterwards !== '') {
  const { checkout } = foldersFrom(process.env);
  spawnSync('make', ['--no-print-directory', '-C', checkout, afterwards], { stdio: ['ignore', 2, 2] });
}
const left = await endLeftovers(run);
process.stdout.write(JSON.stringify(left));
