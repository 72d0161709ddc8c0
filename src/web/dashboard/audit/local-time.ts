const MINUTE_MS = 60_000;

/** A time as a field of type datetime-local has it: in the time zone of the browser, to the minute. */
export function localTimeOf(iso: string | undefined): string {
  if (iso === undefined) return '';
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

/** The reverse; undefined: the field is empty, or not complete. */
export function isoTimeOf(local: string): string | undefined {
  const at = Date.parse(local);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}
