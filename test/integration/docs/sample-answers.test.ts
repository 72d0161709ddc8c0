import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { z } from 'zod';
import { PagePrograms } from './page-programs.ts';

let programs: PagePrograms;
beforeAll(async () => {
  programs = await PagePrograms.create();
});
afterAll(() => programs[Symbol.asyncDispose]());

const line = z.object({ line: z.string(), quantity: z.number(), usd: z.coerce.number() });
const costsSchema = z.object({
  usd: z.coerce.number(),
  perViewerHourUsd: z.coerce.number(),
  monthForecastUsd: z.coerce.number(),
  onAgoraAloneUsd: z.coerce.number(),
  lines: z.array(line),
});

test('the lines of the costs in docs/build/rest-and-trpc.md add up to their sum, and so do the comparisons', async () => {
  await programs.take('build/rest-and-trpc.md', 'test/answers.ts');
  await programs.write(
    'main.ts',
    "import { costs } from './answers.ts';\nconsole.log(JSON.stringify(costs));",
  );
  const { stdout, stderr } = await programs.run('main.ts');
  expect(stderr).toBe('');
  const { lines, ...costs } = costsSchema.parse(JSON.parse(stdout));
  const of = (name: string) => lines.filter((each) => each.line === name);
  const usd = (...names: readonly string[]) => names.flatMap(of).reduce((sum, each) => sum + each.usd, 0);
  const hours = (...names: readonly string[]) =>
    names.flatMap(of).reduce((sum, { quantity }) => sum + quantity / 3_600, 0);
  const all = lines.map((each) => each.line);
  expect(usd(...all)).toBeCloseTo(costs.usd, 6);
  const watched = hours('delivery', 'agora-viewers');
  expect(costs.usd / watched).toBeCloseTo(costs.perViewerHourUsd, 6);
  // A day of thirty.
  expect(costs.usd * 30).toBeCloseTo(costs.monthForecastUsd, 6);
  const agoraViewer = usd('agora-viewers') / hours('agora-viewers');
  expect(usd('agora-host') + watched * agoraViewer).toBeCloseTo(costs.onAgoraAloneUsd, 6);
}, 60_000);
