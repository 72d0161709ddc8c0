/** Node's code of a failed system call, e.g. ENOENT; of anything else, what it prints as. */
export function errorText(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error) return String(error.code);
  return String(error);
}
