import { expect, test } from '@jest/globals';
import { SecretText } from '../../../../../src/base/secret-text.ts';
import { readSecrets, sign } from '../../../../../src/recorder/recording/webhook/signature.ts';

/** The example of https://www.standardwebhooks.com and of the libraries' own tests. */
const example = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

test('signs the specification’s own example', () => {
  const headers = sign(
    'msg_p5jXN8AQM9LWM0D4loKWxJek',
    new Date(1_614_265_330_000),
    '{"test": 2432232314}',
    readSecrets(new SecretText(example)),
  );
  expect(headers).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('during a rotation there is a signature with each secret', () => {
  const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const keys = readSecrets(new SecretText(`${other}\n${example}\n`));
  const { 'webhook-signature': signature } = sign('id', new Date(0), 'body', keys);
  expect(signature.split(' ')).toHaveLength(2);
  expect(signature).toContain(sign('id', new Date(0), 'body', keys.slice(1))['webhook-signature']);
});

test.each(['', 'hunter2hunter2hunter2hunter2', 'whsec_c2hvcnQ=', `whsec_${'A'.repeat(200)}`])(
  'an invalid secret is rejected, without it in the message: %j',
  (text) => {
    expect(() => readSecrets(new SecretText(text))).toThrow(/^The secret of the webhook must be/);
    expect(() => readSecrets(new SecretText(text))).not.toThrow(/hunter2|AAAA/);
  },
);
