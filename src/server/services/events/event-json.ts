import type { ServerEvent } from '../../contract.ts';

const known = new WeakMap<ServerEvent, string>();

/** The event as JSON. All subscribers are handed the same object, so thousands of them share one text. */
export function eventJson(event: ServerEvent): string {
  const text = known.get(event) ?? JSON.stringify(event);
  known.set(event, text);
  return text;
}
