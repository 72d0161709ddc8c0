import type { StreamingPlatformSpec } from '../api/streaming-platform.ts';
import { SecretText } from '../base/secret-text.ts';
import { PlatformError } from './errors.ts';

/**
 * Returns a required value of the platform's Secret, without surrounding white space such as a final newline.
 * Throws a PlatformError with the reason CredentialsNotFound when the key is missing or empty.
 */
export function requiredCredential(
  { credentialsRef }: Pick<StreamingPlatformSpec, 'credentialsRef'>,
  credentials: ReadonlyMap<string, string>,
  key: string,
): SecretText {
  const value = credentials.get(key)?.trim() ?? '';
  if (value !== '') return new SecretText(value);
  const secret = `${credentialsRef.namespace}/${credentialsRef.name}`;
  const found = [...credentials.keys()].sort().join(', ') || 'nothing';
  throw new PlatformError(
    'CredentialsNotFound',
    `Secret ${secret} has no value for the key "${key}", which this provider requires. Add it. Keys in the Secret: ${found}.`,
    { retryable: false },
  );
}
