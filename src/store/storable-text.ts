/** What PostgreSQL cannot hold in text or jsonb: NUL, and halves of surrogate pairs. */
const UNSTORABLE = /[\0\p{Cs}]/gu;

/** The text with what PostgreSQL cannot hold as six characters, as JSON writes it: "a\\u0000b". Other text is unchanged. */
export function storableText(text: string): string {
  return text.replace(UNSTORABLE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** JSON of the value as jsonb holds it: like storableText for each of its texts and names. undefined if there is none. */
export function storableJson(value: unknown): string | undefined {
  // JSON.stringify escapes both, NUL as \u0000 and half of a pair as \ud800: with another backslash they are plain text.
  const json = JSON.stringify(value) as string | undefined;
  return json?.replace(JSON_UNSTORABLE, (escape) => (escape.length === 2 ? escape : `\\${escape}`));
}

/** A whole escape: an escaped backslash is consumed first, so that what follows it is not taken for an escape. */
const JSON_UNSTORABLE = /\\\\|\\u(?:0000|d[89a-f][0-9a-f]{2})/g;
