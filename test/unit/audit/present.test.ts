import { expect, test } from '@jest/globals';
import { audit } from '../../../src/audit/audit.ts';
import { asJson, asTable } from '../../../src/audit/present.ts';
import { asked, channel, record, silent, stream } from '../../support/platforms/listed-streams.ts';

const streams = [
  stream('stream-1', { live: true, liveSince: new Date('2026-11-01T20:00:00.123Z') }),
  stream('stream-2', { owner: { channelUid: 'gone', channel: 'shop/old' } }),
  stream('stream-3', { owner: { channel: 'shop/twice' }, live: true, name: 'lc-3' }),
];
const result = audit(
  [asked(streams, { viewers: { 'stream-1': 100 } }), asked([], { name: 'quiet' }), silent('broken')],
  [channel('auction', [record()])],
  new Set(['ivs', 'quiet', 'broken']),
);

test('the table', () => {
  expect(asTable(result)).toBe(`ivs (ivs)
  BELONGS TO                                    LIVE SINCE            VIEWERS  USD/HOUR  NAME  ID
  shop/auction                                  2026-11-01T20:00:00Z  100      16.40     lc-1  stream-1
  orphan: channel shop/old is gone              -                     -        0.00      lc-1  stream-2
  stray: channel shop/twice does not record it  live                  ?        >=2.00    lc-3  stream-3

quiet (ivs)
  no streams

broken (ivs)
  could not be queried: CredentialsRejected: AWS refused the key.

3 streams, 2 live, 100 viewers, 1 orphan, 1 stray, >=18.40 USD an hour at list price
`);
});

test('the JSON says the same, with what is not known as null', () => {
  const read: unknown = JSON.parse(asJson(result));
  expect(read).toMatchObject({
    platforms: [
      {
        name: 'ivs',
        provider: 'ivs',
        problem: null,
        streams: [
          {
            id: 'stream-1',
            belonging: 'owned',
            channel: 'shop/auction',
            live: true,
            liveSince: '2026-11-01T20:00:00.123Z',
            viewers: 100,
            microDollarsAnHour: 16_400_000,
            costIsComplete: true,
          },
          { id: 'stream-2', belonging: 'orphan', live: false, liveSince: null, viewers: null },
          { id: 'stream-3', belonging: 'stray', viewers: null, costIsComplete: false },
        ],
      },
      { name: 'quiet', streams: [] },
      { name: 'broken', problem: { reason: 'CredentialsRejected', message: 'AWS refused the key.' } },
    ],
    totals: { streams: 3, microDollarsAnHour: 18_400_000, costIsComplete: false },
  });
});
