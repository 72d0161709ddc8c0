import { describe, expect, test } from '@jest/globals';
import { ESLint, Linter } from 'eslint';
import { resolve } from 'node:path';
import { parser } from 'typescript-eslint';
import { z } from 'zod';

const checkout = resolve(import.meta.dirname, '../../..');
const eslint = new ESLint({ cwd: checkout });
const configSchema = z.object({ rules: z.record(z.string(), z.custom<Linter.RuleEntry>()) });

/** What the project's lint rule on imports says of a file with this one import. */
async function complaints(file: string, specifier: string): Promise<readonly string[]> {
  const config = configSchema.parse(await eslint.calculateConfigForFile(resolve(checkout, file)));
  const rule = config.rules['no-restricted-imports'];
  if (rule === undefined) return [];
  const messages = new Linter().verify(
    `import { thing } from '${specifier}';`,
    [{ files: ['**/*.ts'], languageOptions: { parser }, rules: { 'no-restricted-imports': rule } }],
    file,
  );
  return messages.map((message) => message.message);
}

describe('imports go one way', () => {
  test.each([
    ['src/api/live-channel.ts', './names.ts'],
    ['src/kube/client.ts', './errors.ts'],
    ['src/base/testing/fake-clock.ts', '../clock.ts'],
    ['src/channel/decide.ts', '../api/names.ts'],
    ['src/platforms/platform.ts', '../api/secret.ts'],
    ['src/platforms/origin/origin.ts', '../platform.ts'],
    ['src/platforms/origin/origin.ts', '../../api/secret.ts'],
    ['src/relay/media/mux/clock.ts', '../../../api/reasons.ts'],
    ['src/controllers/command.ts', '../kube/client.ts'],
    ['src/controllers/live-channel/steps/run-step.ts', '../../platforms/platform.ts'],
    ['src/controllers/live-channel/steps/run-step.ts', '../../channel/decide.ts'],
    ['src/main.ts', './controllers/command.ts'],
    ['src/kube/client.ts', 'zod'],
    ['test/unit/kube/client.test.ts', '../../../src/kube/client.ts'],
    ['hack/generate/main.ts', '../../src/api/names.ts'],
  ])('%s may import %s', async (file, specifier) => {
    expect(await complaints(file, specifier)).toEqual([]);
  });

  test.each([
    ['src/api/live-channel.ts', '../kube/client.ts', 'src/api may import nothing of ours'],
    ['src/kube/client.ts', '../api/names.ts', 'src/kube may import nothing of ours'],
    ['src/base/testing/fake-clock.ts', '../../api/names.ts', 'src/kube may import nothing of ours'],
    ['src/channel/decide.ts', '../kube/client.ts', 'src/channel may import only api'],
    ['src/channel/decide.ts', '../platforms/platform.ts', 'src/channel may import only api'],
    ['src/platforms/origin/origin.ts', '../../kube/client.ts', 'src/platforms may import only api'],
    ['src/relay/command.ts', '../origin/command.ts', 'src/relay may import only api'],
    ['src/relay/media/mux/clock.ts', '../../../kube/clock.ts', 'src/relay may import only api'],
    ['src/controllers/command.ts', '../relay/command.ts', 'src/controllers may import only api'],
    ['src/api/live-channel.ts', '../../test/fixtures/x.ts', 'src/api may import nothing of ours'],
    ['src/controllers/command.ts', '../../hack/tools/build.ts', 'src/controllers may import only api'],
    ['src/main.ts', '../hack/tools/build.ts', 'src never imports test or hack'],
  ])('%s may not import %s', async (file, specifier, message) => {
    expect(await complaints(file, specifier)).toEqual([expect.stringContaining(message)]);
  });
});
