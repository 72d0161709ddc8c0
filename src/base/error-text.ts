/** Node's code of a failed system call, e.g. ENOENT; of anything else, what it prints as. */
export function errorText(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return String(error);
}

/** Name and message for a log line, without the objects that drivers attach to errors: those may hold the password. */
export function errorSummary(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
