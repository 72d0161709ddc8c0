import { CodedError } from './errors.ts';

/** The code of a system error, e.g. ENOENT. Checks the shape, not the class: errors may come from another realm. */
export function errorCode(error: unknown): string | undefined {
  const code: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : undefined;
}

/**
 * The code of a system error, e.g. ENOENT; otherwise the error as text. A CodedError is shown as text, because its
 * message has more information than its code.
 */
export function errorText(error: unknown): string {
  return (error instanceof CodedError ? undefined : errorCode(error)) ?? String(error);
}

/** The message of an error, for people; anything else that was thrown, as text. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Name and message for a log line, without the objects that drivers attach to errors: they may contain a password. */
export function errorSummary(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
