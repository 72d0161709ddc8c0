import { readFile } from 'node:fs/promises';
import { SecretText } from '../base/secret-text.ts';

/** Reads a secret from a file; white space around it is not part of it. `minLength` in characters. */
export async function readSecretFile(file: string, what: string, minLength: number): Promise<SecretText> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new Error(`The ${what} cannot be read from ${file}`, { cause });
  }
  if (text.length < minLength) {
    throw new Error(`The ${what} in ${file} is too short: it needs ${String(minLength)} characters or more`);
  }
  return new SecretText(text);
}
