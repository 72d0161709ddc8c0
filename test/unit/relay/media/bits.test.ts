import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BitReader, BitWriter, nalUnit, unescape } from '../../../../src/relay/media/bits.ts';
import { nalUnits } from '../../../../src/relay/media/h264.ts';

describe('reading and writing bits', () => {
  test('numbers are read back as written, at any offset', () => {
    const field = fc.oneof(
      fc.record({ type: fc.constant('unsigned' as const), value: fc.nat(2 ** 31 - 2) }),
      fc.record({
        type: fc.constant('signed' as const),
        value: fc.integer({ min: -(2 ** 30), max: 2 ** 30 }),
      }),
      fc.record({ type: fc.constant('bits' as const), value: fc.nat(2 ** 32 - 1) }),
      fc.record({ type: fc.constant('bit' as const), value: fc.nat(1) }),
    );
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const writer = new BitWriter();
        for (const { type, value } of fields) {
          if (type === 'unsigned') writer.unsigned(value);
          else if (type === 'signed') writer.signed(value);
          else writer.bits(value, type === 'bits' ? 32 : 1);
        }
        const reader = new BitReader(writer.bytes);
        for (const { type, value } of fields) {
          if (type === 'unsigned') expect(reader.unsigned()).toBe(value);
          else if (type === 'signed') expect(reader.signed()).toBe(value === 0 ? 0 : value);
          else expect(reader.bits(type === 'bits' ? 32 : 1)).toBe(value);
        }
      }),
    );
  });

  test.each([
    [0, '1'],
    [1, '010'],
    [2, '011'],
    [3, '00100'],
    [6, '00111'],
    [7, '0001000'],
  ])('%i is written as %s (ITU-T H.264 table 9-1)', (value, code) => {
    const { bytes } = new BitWriter().unsigned(value);
    const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
    expect(bits).toBe(code.padEnd(bits.length, '0'));
  });

  test('bits are copied between any offsets', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.nat(7),
        fc.nat(320),
        fc.nat(320),
        (source, lead, a, b) => {
          const [from, to] = [Math.min(a, b, source.length * 8), Math.min(Math.max(a, b), source.length * 8)];
          const copied = new BitReader(new BitWriter(1).bits(0, lead).copy(source, from, to).bytes);
          copied.bits(lead);
          const reader = new BitReader(source);
          for (let at = 0; at < from; at++) reader.bit();
          for (let at = from; at < to; at++) expect(copied.bit()).toBe(reader.bit());
        },
      ),
    );
  });

  test('a NAL unit never contains a start code, and emulation prevention bytes are removed again', () => {
    const payload = fc.array(fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 255), { maxLength: 60 });
    fc.assert(
      fc.property(payload, (bytes) => {
        const stream = Buffer.concat([
          nalUnit(0x65, Uint8Array.from([...bytes, 0x80])),
          nalUnit(0x41, Uint8Array.of(1)),
        ]);
        const nals = [...nalUnits(stream)];
        expect(nals).toHaveLength(2);
        expect([...unescape(nals[0]?.subarray(1) ?? new Uint8Array())]).toEqual([...bytes, 0x80]);
      }),
    );
  });
});
