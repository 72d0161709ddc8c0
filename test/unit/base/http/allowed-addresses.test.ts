import { describe, expect, test } from '@jest/globals';
import { AllowedAddresses } from '../../../../src/base/http/allowed-addresses.ts';

describe('a private address is refused', () => {
  test.each([
    '127.0.0.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254', // The metadata service of clouds.
    '100.64.0.1',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    'fe80::1',
    'fd00:ec2::254',
    'ff02::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001:db8::1',
    '::7f00:1', // IPv4-compatible
    '::a9fe:a9fe',
    '::8.8.8.8',
    'not an address',
  ])('%s', (address) => {
    expect(new AllowedAddresses().allows(address)).toBe(false);
  });
});

test.each(['1.1.1.1', '8.8.8.8', '2606:4700:4700::1111', '::ffff:8.8.8.8'])('public: %s', (address) => {
  expect(new AllowedAddresses().allows(address)).toBe(true);
});

test('an allowed network is accepted, and its neighbor is refused', () => {
  const addresses = new AllowedAddresses({ networks: ['10.1.0.0/16', 'fd00:1::/32'] });
  expect(['10.1.255.1', '::ffff:10.1.0.1', 'fd00:1::5'].every((each) => addresses.allows(each))).toBe(true);
  expect(['10.2.0.1', 'fd00:2::5', '127.0.0.1'].some((each) => addresses.allows(each))).toBe(false);
});

test('a network that is not a CIDR is rejected', () => {
  expect(() => new AllowedAddresses({ networks: ['10.0.0.0'] })).toThrow(
    '"10.0.0.0" is not a CIDR such as 10.0.0.0/8',
  );
});

test.each([
  'https://127.0.0.1/',
  'https://[::1]/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://[::ffff:7f00:1]/',
  'https://[::127.0.0.1]/',
])('a numeric address is refused in any notation: %s', (url) => {
  expect(() => {
    new AllowedAddresses().check(new URL(url));
  }).toThrow('is not a public address');
});

describe('a host name', () => {
  const lookUp = (answers: readonly string[], all = true): Promise<unknown> =>
    new Promise((resolve, reject) => {
      new AllowedAddresses({ resolve: async () => answers }).lookup(
        'hooks.example',
        { all },
        (error, address) => {
          if (error === null) resolve(address);
          else reject(error);
        },
      );
    });

  test('that resolves to private addresses is refused', async () => {
    await expect(lookUp(['10.0.0.1'])).rejects.toThrow('hooks.example is not a public address');
  });

  test('that resolves to private and public addresses is connected to the public ones only', async () => {
    await expect(lookUp(['127.0.0.1', '8.8.8.8'])).resolves.toEqual([{ address: '8.8.8.8', family: 4 }]);
    await expect(lookUp(['127.0.0.1', '8.8.8.8'], false)).resolves.toBe('8.8.8.8');
  });

  test('is resolved once for a connection', async () => {
    let lookUps = 0;
    const addresses = new AllowedAddresses({
      resolve: async () => {
        lookUps += 1;
        return lookUps === 1 ? ['8.8.8.8'] : ['127.0.0.1'];
      },
    });
    const found = await new Promise((resolve) => {
      addresses.lookup('hooks.example', { all: true }, (_, address) => {
        resolve(address);
      });
    });
    expect([lookUps, found]).toEqual([1, [{ address: '8.8.8.8', family: 4 }]]);
  });
});
