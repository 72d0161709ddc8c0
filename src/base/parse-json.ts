/** The value of a JSON text; undefined where it is not JSON. Validate the value with a schema. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
