import { createHmac, randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { expect, test } from '@jest/globals';
import { PagePrograms } from './page-programs.ts';

test.each([
  ['build/integrate.md', 'server/webhook-message.ts', 'LIVECHANNEL_WEBHOOK_SECRET', 'whsec_'],
  ['build/events-and-webhooks.md', 'server/webhook.ts', 'LIVECHANNEL_WEBHOOK_SECRET', ''],
  ['build/agora.md', 'server/agora-events.ts', 'AGORA_NOTIFICATIONS_SECRET', ''],
])(
  'docs/%s: %s does not start without %s',
  async (page, path, variable, empty) => {
    await using programs = await PagePrograms.create();
    await programs.take(page, path);
    await programs.write('live.ts', 'export const live = {};');
    for (const env of [{}, { [variable]: empty }])
      expect(await programs.run(basename(path), env)).toMatchObject({
        code: 1,
        stderr: expect.stringContaining(`Set ${variable}.`),
      });
  },
  90_000,
);

test('the receiver of docs/build/integrate.md accepts genuine messages only', async () => {
  await using programs = await PagePrograms.create();
  await programs.take('build/integrate.md', 'server/webhook-message.ts');
  const secret = randomBytes(32);
  const body = '{"type":"livechannel.ended"}';
  const now = Math.floor(Date.now() / 1_000);
  const signed = (key: Buffer, timestamp: number): Record<string, string> => {
    const signature = createHmac('sha256', key).update(`ended-1.${String(timestamp)}.${body}`);
    return {
      'webhook-id': 'ended-1',
      'webhook-timestamp': String(timestamp),
      'webhook-signature': `v1,${signature.digest('base64')}`,
    };
  };
  const requests = [signed(secret, now), signed(Buffer.alloc(0), now), signed(secret, now - 3_600)];
  await programs.write(
    'main.ts',
    `import { webhookMessage } from './webhook-message.ts';
    for (const headers of ${JSON.stringify(requests)})
      console.log(webhookMessage(headers, Buffer.from('${body}'))?.type);`,
  );
  const env = { LIVECHANNEL_WEBHOOK_SECRET: `whsec_${secret.toString('base64')}` };
  expect(await programs.run('main.ts', env)).toEqual({
    code: 0,
    stdout: 'livechannel.ended\nundefined\nundefined\n',
    stderr: '',
  });
}, 60_000);
