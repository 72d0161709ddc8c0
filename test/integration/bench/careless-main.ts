/**
 * A benchmark that leaves everything behind: node careless-main.ts, with END for how it ends. Prints the ids of its
 * processes and its folders once they are there.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBench } from '../../bench/lib/bench.ts';
import { ControlGroup } from '../../support/processes/control-group.ts';
import { choiceSetting, numberSetting } from '../../bench/lib/settings.ts';

const bench = openBench({
  name: 'careless',
  summary: 'Leaves everything behind.',
  needs: () => [],
  settings: {
    END: choiceSetting(['well', 'throw', 'reject', 'exit', 'hang'], 'how it ends'),
    MINUTES: numberSetting(10, 'the limit'),
  },
  limitMinutes: ({ MINUTES }) => MINUTES,
});

/** Starts it, and returns the process id that it prints. */
async function pidOf(
  command: string,
  args: readonly string[],
  options: { readonly detached?: boolean; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'], ...options });
  const [said] = (await once(child.stdout, 'data')) as [Buffer];
  return Number(said.toString());
}

await bench.run(async () => {
  const stubborn = await pidOf('sh', ['-c', "trap '' TERM INT HUP; echo $$; while :; do sleep 0.2; done"]);
  const orphan = await pidOf('sh', ['-c', 'setsid sleep 1001 >/dev/null & echo $!']);
  const ownSession = await pidOf('sh', ['-c', 'echo $$; exec sleep 1002'], { detached: true });
  const group = ControlGroup.create();
  const [file, args] = group?.wrap('sh', ['-c', 'setsid sleep 1003 >/dev/null & echo $!']) ?? ['echo', ['0']];
  // Neither parent nor environment say whose it is: its group does.
  const nameless = await pidOf(file, args, { env: {}, detached: true });
  const folder = mkdtempSync(join(tmpdir(), 'careless-'));
  writeFileSync(join(folder, 'file'), 'left');
  console.log(JSON.stringify({ pids: [stubborn, orphan, ownSession, nameless], folder }));
  await bench.write({});
  const [end] = bench.settings.END;
  if (end === 'throw') throw new Error('thrown on purpose');
  if (end === 'reject') void Promise.reject(new Error('rejected on purpose'));
  if (end === 'exit') process.exit(3);
  if (end !== 'well') await new Promise<never>(() => undefined);
});
