/**
 * Shortens text from elsewhere (a kubelet, a relay, a platform) to one line for a message: control characters and runs of
 * white space become one space, and what exceeds `maxLength` UTF-16 units is replaced by an ellipsis.
 */
export function oneLine(text: string, maxLength: number): string {
  // A prefix is enough, however long the text is.
  const line = text
    .slice(0, 4 * maxLength)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const short = line.length > maxLength ? `${line.slice(0, maxLength - 1).trimEnd()}…` : line;
  return short.toWellFormed(); // half of a surrogate pair is not valid in UTF-8
}
