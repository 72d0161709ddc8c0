import { expect, test } from '@jest/globals';
import { listUsers, usersOf } from '../../../../src/controllers/streaming-platform/users.ts';
import { aChannel, aRecord, withoutId } from '../../../support/channel/channel-examples.ts';

const named = (name: string, records: Parameters<typeof aChannel>[0]): ReturnType<typeof aChannel> =>
  aChannel({ ...records, metadata: { name } });

test('a platform is used by whoever has a stream on it, has one made, or has one deleted', () => {
  const channels = [
    named('active', { records: [aRecord()] }),
    named('being-made', { records: [withoutId(aRecord({ role: 'incoming' }))] }),
    named('away', { records: [aRecord({ platform: 'other' }), aRecord({ role: 'draining' })] }),
    named('elsewhere', { records: [aRecord({ platform: 'other' })] }),
    named('without', { records: [], spec: { platformRef: { name: 'origin' } } }),
  ];
  expect(usersOf('origin', channels)).toEqual(['shop/active', 'shop/away', 'shop/being-made']);
});

test('users are named, and not more than can be read', () => {
  expect(listUsers(['shop/a', 'shop/b'])).toBe('shop/a, shop/b');
  const many = Array.from({ length: 13 }, (_, at) => `shop/${String(at)}`);
  expect(listUsers(many)).toMatch(/^shop\/0, .*shop\/9 and 3 more$/);
});
