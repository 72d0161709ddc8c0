import { readFile } from 'node:fs/promises';
import { errorText } from '../base/error-text.ts';
import { UserError } from '../base/errors.ts';
import { SecretText } from '../base/secret-text.ts';

/**
 * Reads a secret from a file, without surrounding white space. `minLength` in characters.
 * @throws UserError when it cannot be read or is too short
 */
export async function readSecretFile(file: string, what: string, minLength: number): Promise<SecretText> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new UserError(`The ${what} cannot be read from ${file}: ${errorText(cause)}.`, { cause });
  }
  if (text.length < minLength) {
    throw new UserError(
      `The ${what} in ${file} is too short: at least ${minLength} characters are required.`,
    );
  }
  return new SecretText(text);
}
