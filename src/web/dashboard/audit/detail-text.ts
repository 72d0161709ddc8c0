/** Longer than the settings of a channel. */
const LONGEST = 600;

/** What was requested, as `member: value` in one line; empty: there is nothing to say. */
export function detailText(detail: unknown): string {
  if (detail === null || detail === undefined) return '';
  const text =
    typeof detail === 'object' && !Array.isArray(detail)
      ? Object.entries(detail)
          .map(([name, value]) => `${name}: ${valueText(value)}`)
          .join(', ')
      : valueText(detail);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
