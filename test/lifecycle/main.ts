/**
 * make test-lifecycle: random lifecycles on a real API server, with injected faults and operator crashes
 * (docs/contribute/lifecycle.md).
 * LIFECYCLES (per platform), PLATFORM (some of stand-in.ts, comma-separated), SEED, SCALE, CHANNELS (in parallel), ONLY.
 */
import { errorMessage } from '../../src/base/error-text.ts';
import { ensurePrograms } from '../../hack/test/programs.ts';
import { runLifecycles } from './run.ts';
import { lifecycleProviders } from './stand-in.ts';
import { showTable } from './table.ts';

const whole = (name: string, otherwise: number): number => {
  const text = process.env[name];
  const value = text === undefined || text === '' ? otherwise : Number(text);
  if (!Number.isInteger(value) || value < 0)
    throw new Error(`${name} must be a whole number, not "${String(text)}"`);
  return value;
};
const asked = (process.env['PLATFORM'] ?? '').split(',').filter((each) => each !== '');
const unknown = asked.find((each) => !lifecycleProviders.some((provider) => provider === each));
if (unknown !== undefined)
  throw new Error(`PLATFORM=${unknown} is unknown. Use any of ${lifecycleProviders.join(', ')}.`);

const only = process.env['ONLY'];
const report = (line: string): void => {
  console.log(line);
};
await ensurePrograms('make test-lifecycle', ['apiServer'], report).catch((error: unknown) => {
  report(errorMessage(error));
  process.exit(1);
});
const rows = await runLifecycles({
  providers: lifecycleProviders.filter((each) => asked.length === 0 || asked.includes(each)),
  lifecycles: whole('LIFECYCLES', 2_000),
  atOnce: whole('CHANNELS', 80),
  seed: whole('SEED', Date.now() % 1_000_000),
  scale: whole('SCALE', 10),
  mostSteps: whole('STEPS', 9),
  only: only === undefined || only === '' ? undefined : whole('ONLY', 0),
  report,
});
report(showTable(rows));
process.exitCode = rows.every(({ failed }) => failed === 0) ? 0 : 1;
