/** Parses JSON; returns undefined if the text is not JSON. Validate the value with a schema. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
