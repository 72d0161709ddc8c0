import { readFile } from 'node:fs/promises';
import { SecretText } from '../base/secret-text.ts';

/**
 * Reads a secret from a file, without surrounding white space. `minLength` in characters. Throws when it cannot be
 * read or is too short.
 */
export async function readSecretFile(file: string, what: string, minLength: number): Promise<SecretText> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new Error(`The ${what} cannot be read from ${file}.`, { cause });
  }
  if (text.length < minLength) {
    throw new Error(`The ${what} in ${file} is too short: at least ${minLength} characters are required.`);
  }
  return new SecretText(text);
}
