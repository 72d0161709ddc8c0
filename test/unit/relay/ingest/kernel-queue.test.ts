import { expect, test } from '@jest/globals';
import { sendQueue } from '../../../../src/relay/ingest/kernel-queue.ts';

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21 1 0 100 0 0 10 0
   1: 0A00000A:C350 2211A8C0:01BB 01 0002F4A0:00000000 01:00000014 00000000     0        0 22 4 0 20 4 30 10 -1
   2: 0A00000A:C351 2211A8C0:01BB 01 00000000:00000000 00:00000000 00000000     0        0 23 1 0 20 4 30 10 -1
`;

test.each([
  ['a connection with unsent bytes', 0xc350, 0x1bb, 0x2f4a0],
  ['a connection without unsent bytes', 0xc351, 0x1bb, 0],
  ['an unknown connection', 0xc352, 0x1bb, undefined],
  ['the same port with another peer', 0xc350, 80, undefined],
])('%s', (_, local, remote, expected) => {
  expect(sendQueue(table, local, remote)).toBe(expected);
});
