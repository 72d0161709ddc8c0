import { createHmac } from 'node:crypto';
import { UserError } from '../../../base/errors.ts';
import type { SecretText } from '../../../base/secret-text.ts';

/** The headers by which the receiver verifies a message: https://github.com/standard-webhooks/standard-webhooks */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

const form = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/**
 * Parses the secrets of a file: one per line, each "whsec_" and 24 to 64 bytes in base64. Messages are signed with every
 * secret, so that receivers can be switched to a new one individually.
 * @throws UserError whose message does not contain the secret.
 */
export function readSecrets(text: SecretText): readonly Buffer[] {
  const lines = text.reveal().split(/\s+/).filter(Boolean);
  const keys = lines.map((line) => Buffer.from(form.exec(line)?.[1] ?? '', 'base64'));
  if (keys.length === 0 || keys.some(({ length }) => length < 24 || length > 64))
    throw new UserError(
      'The secret of the webhook must be "whsec_" and 24 to 64 bytes in base64. To create one: echo "whsec_$(openssl rand -base64 32)"',
    );
  return keys;
}

/** Signs a message with each of the keys. */
export function sign(id: string, at: Date, body: string, keys: readonly Buffer[]): SignedHeaders {
  const seconds = String(Math.floor(at.getTime() / 1_000));
  const signatures = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}
