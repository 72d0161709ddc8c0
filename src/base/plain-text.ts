/** Control characters (NUL among them), and halves of surrogate pairs, which no UTF-8 has. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

/**
 * Whether the text is one line of well-formed Unicode without control characters. Databases and Kubernetes hold no other
 * text unchanged, and in logs and terminals it could forge lines.
 */
export function isPlainText(text: string): boolean {
  return !UNPRINTABLE.test(text);
}
