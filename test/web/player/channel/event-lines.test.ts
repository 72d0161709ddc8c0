import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { EventLines } from '../../../../src/web/player/channel/event-lines.ts';

const stream =
  'retry: 2000\n\n: still here\n\nid: 7\nevent: status\ndata: {"a":\ndata: 1}\n\nevent: ended\r\ndata:{}\r\n\r\n';

test('events are the same however the network cuts them', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length })), (cuts) => {
      const lines = new EventLines();
      const ends = [...cuts, stream.length].sort((left, right) => left - right);
      let begin = 0;
      const events = ends.flatMap((end) => {
        const piece = stream.slice(begin, end);
        begin = end;
        return lines.push(piece);
      });
      expect(events).toEqual([
        { type: 'status', data: '{"a":\n1}' },
        { type: 'ended', data: '{}' },
      ]);
      expect(lines.lastId).toBe('7');
    }),
  );
});

test('an event without an end does not fill the memory', () => {
  const line = `data: ${'x'.repeat(60_000)}\n`;
  const inLines = new EventLines();
  expect(() => {
    for (let count = 0; count < 6; count++) inLines.push(line);
  }).toThrow(RangeError);
  const inOneLine = new EventLines();
  expect(() => {
    for (let count = 0; count < 6; count++) inOneLine.push('x'.repeat(60_000));
  }).toThrow(RangeError);
});
