/** Puts values into the places of a text, such as `{n}`; empty where one of them is missing. */
export function fill(text: string, values: Readonly<Record<string, string | undefined>>): string {
  const places = [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  if (places.some((name) => values[name] === undefined)) return '';
  return text.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}
