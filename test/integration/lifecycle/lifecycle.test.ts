import { expect, test } from '@jest/globals';
import { runLifecycles } from '../../lifecycle/run.ts';
import { lifecycleProviders } from '../../lifecycle/stand-in.ts';

/** Set LIVECHANNEL_TEST_SEED to repeat a run. */
const seed = Number(process.env['LIVECHANNEL_TEST_SEED'] ?? Date.now() % 1_000_000);

/** Runs for two minutes what `make test-lifecycle` runs for hours. */
test('random lifecycles leave no streams behind on any platform, and end in the desired state', async () => {
  const said: string[] = [];
  const rows = await runLifecycles({
    ...{ providers: lifecycleProviders, lifecycles: 60, atOnce: 60, mostSteps: 5 },
    ...{ seed, scale: 20, only: undefined },
    report: (line) => said.push(line),
  });
  if (rows.some(({ failed }) => failed > 0)) throw new Error(said.join('\n'));
  for (const row of rows) expect(row.creates).toBeGreaterThan(0);
}, 600_000);
