import type { StreamingPlatformSpec } from '../api/streaming-platform.ts';
import { SecretText } from '../base/secret-text.ts';
import { PlatformError } from './errors.ts';

/** A value that the platform's Secret must hold; white space around it (a newline at the end of a file) is dropped. */
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
    `Secret ${secret} has no value under the key "${key}", which this provider needs; it has: ${found}.`,
    { retryable: false },
  );
}
