import fc from 'fast-check';
import type { StructuralSchema } from '../../../hack/generate/structural-schema.ts';

/**
 * Values that the API server accepts for a structural schema, by its rules and not by JavaScript's: integers of 64 bits,
 * lengths in code points, patterns of RE2. Rules in CEL are not considered.
 */
export function anyValue(schema: StructuralSchema): fc.Arbitrary<unknown> {
  const { type, enum: values } = schema;
  if (schema['x-kubernetes-int-or-string'] === true) return fc.oneof(anyInteger({}), anyText(schema));
  if (values !== undefined) return fc.constantFrom(...values);
  switch (type) {
    case 'string':
      return schema.format === 'date-time' ? anyTime : anyText(schema);
    case 'integer':
      return anyInteger(schema);
    case 'boolean':
      return fc.boolean();
    case 'array':
      return anyList(schema);
    case 'object':
      return schema['x-kubernetes-preserve-unknown-fields'] === true
        ? fc.dictionary(unicode, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
        : anyObject(schema);
    default:
      throw new Error(`values of type ${type ?? 'none'} are not known here`);
  }
}

/** Characters of which JavaScript and RE2 think differently, or which a pattern with a negated class lets pass. */
const strange = ['\u00a0', '\u2028', '\u0085', '\v', '\r', 'é', '😀', '\u0000'] as const;
const unicode = fc.string({ unit: 'binary', maxLength: 12 });
const anyTime = fc
  .date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

function anyText({ pattern, minLength = 0, maxLength = 5_000 }: StructuralSchema): fc.Arbitrary<string> {
  if (pattern !== undefined) {
    const fits = (text: string): boolean => {
      const length = Array.from(text).length;
      return length >= minLength && length <= maxLength;
    };
    const accepted = asInRe2(pattern);
    return fc
      .tuple(fc.stringMatching(accepted), fc.nat(), fc.constantFrom('', ...strange))
      .map(([text, at, put]) => {
        const points = Array.from(text);
        if (put === '' || points.length === 0) return text;
        const changed = points.with(at % points.length, put).join('');
        return accepted.test(changed) ? changed : text;
      })
      .filter(fits);
  }
  const most = Math.min(maxLength, 5_000);
  return fc.oneof(
    fc.string({ unit: 'binary', minLength, maxLength: Math.min(most, Math.max(minLength, 20)) }),
    // Characters outside the basic plane count once for the API server, and twice in JavaScript's lengths.
    fc.constant('😀'.repeat(most)),
  );
}

/** RE2's `\s` is ASCII alone, and its `.` is everything but a line feed. */
function asInRe2(pattern: string): RegExp {
  const translated = pattern
    .replaceAll(String.raw`[^\s`, String.raw`[^\t\n\f\r `)
    .replaceAll(String.raw`\s`, String.raw`[\t\n\f\r ]`)
    .replaceAll('.*', String.raw`[^\n]*`);
  return new RegExp(translated, 'u');
}

function anyInteger({
  minimum = Number(-(2n ** 63n)),
  maximum = Number(2n ** 63n - 1n),
}: Pick<StructuralSchema, 'minimum' | 'maximum'>): fc.Arbitrary<number> {
  const [min, max] = [BigInt(minimum), BigInt(maximum)];
  // As JSON.parse reads what the API server writes.
  return fc.oneof(fc.constantFrom(min, max), fc.bigInt({ min, max })).map(Number);
}

function anyList({
  items,
  minItems = 0,
  maxItems = 4,
  ...schema
}: StructuralSchema): fc.Arbitrary<unknown[]> {
  if (items === undefined) throw new Error('a list needs a schema of its items');
  const keys = schema['x-kubernetes-list-map-keys'];
  const lengths = { minLength: minItems, maxLength: Math.max(minItems, Math.min(maxItems, 4)) };
  if (keys === undefined) return fc.array(anyValue(items), lengths);
  const selector = (item: unknown): string =>
    JSON.stringify(
      keys.map((key): unknown =>
        typeof item === 'object' && item !== null ? Reflect.get(item, key) : undefined,
      ),
    );
  return fc.uniqueArray(anyValue(items), { ...lengths, selector });
}

function anyObject({
  properties,
  additionalProperties,
  required = [],
}: StructuralSchema): fc.Arbitrary<object> {
  if (additionalProperties !== undefined)
    return fc.dictionary(unicode, anyValue(additionalProperties), { maxKeys: 3 });
  const fields = Object.fromEntries(
    Object.entries(properties ?? {}).map(([name, field]) => [name, anyValue(field)]),
  );
  return fc.record(fields, { requiredKeys: required });
}
