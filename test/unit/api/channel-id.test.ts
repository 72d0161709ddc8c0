import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isChannelId } from '../../../src/api/channel-id-form.ts';
import { channelIdOf, encodesNoId, resourceName } from '../../../src/api/channel-id.ts';
import { annotations } from '../../../src/api/names.ts';
import { channelIdSchema, channelIdTextSchema } from '../../../src/server/contract/channel-id.ts';

/** Texts that are no IDs, with the name that stood for each of them while they were. */
const noIds = [
  ['\u0000', 'x-00'],
  ['a\u0000b', 'x-c4064'],
  ['\u0001', 'x-04'],
  ['two\nlines', 'x-ehrmu2jcd5n6aso'],
  ['\u007f', 'x-fs'],
  ['\u009b31m', 'x-oadj6cbd'],
] as const;

describe('an ID of a channel', () => {
  test.each(noIds)('%j is none, wherever it enters', (text, _name) => {
    expect(isChannelId(text)).toBe(false);
    expect(() => resourceName(text)).toThrow(RangeError);
    expect(channelIdSchema.safeParse(text).success).toBe(false);
    expect(channelIdTextSchema.safeParse(text).success).toBe(false);
  });

  test.each(['', '\ud800', 'a\udc00b', 'ä'.repeat(257), 'x'.repeat(513)])('%j is none', (text) => {
    expect(isChannelId(text)).toBe(false);
    expect(() => resourceName(text)).toThrow(RangeError);
    expect(channelIdSchema.safeParse(text).success).toBe(false);
  });

  test.each(noIds)('of a resource that was created for %j is its name', (text, name) => {
    expect(encodesNoId(name)).toBe(true);
    expect(channelIdOf({ name })).toBe(name);
    expect(channelIdOf({ name, annotations: { [annotations.channelId]: text } })).toBe(name);
  });

  test('of names that were chosen by hand, and of encoded IDs, is not reported as none', () => {
    for (const name of ['show-1', 'x-men', 'h-studio', 'x-z', resourceName('Show 1!'), resourceName('x-00')])
      expect(encodesNoId(name)).toBe(false);
  });

  test('is found again by the name and the annotation of its resource, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (id) => {
        if (!isChannelId(id)) {
          expect(() => resourceName(id)).toThrow(RangeError);
          return;
        }
        const name = resourceName(id);
        expect(name).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
        expect(channelIdOf({ name, annotations: { [annotations.channelId]: id } })).toBe(id);
        expect(channelIdSchema.parse(id)).toBe(id);
        expect(encodesNoId(name)).toBe(false);
      }),
    );
  });

  test('of any resource is one, whatever its name and annotation', () => {
    const name = fc
      .tuple(fc.constantFrom('x-', 'h-', ''), fc.stringMatching(/^[0-9a-v]{1,60}$/))
      .map(([prefix, rest]) => prefix + rest);
    fc.assert(
      fc.property(name, fc.option(fc.string({ unit: 'binary' }), { nil: undefined }), (given, noted) => {
        const annotated = noted === undefined ? undefined : { [annotations.channelId]: noted };
        expect(isChannelId(channelIdOf({ name: given, annotations: annotated }))).toBe(true);
      }),
    );
  });
});
