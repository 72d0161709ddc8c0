import { expect, test } from '@jest/globals';
import { Command } from 'commander';
import { configure } from '../../../../src/server/auth/api-key-command.ts';

test('the help shows durations in the form that users write', () => {
  const command = new Command('api-key');
  configure(command);
  const help = command.commands.find((each) => each.name() === 'rotate')?.helpInformation() ?? '';
  expect(help).toContain('(default: 24h)');
  expect(help).not.toMatch(/\d{5}/);
});
