import { createHmac } from 'node:crypto';
import type { SecretText } from '../../../base/secret-text.ts';

/** What is sent, and what its receiver checks: https://github.com/standard-webhooks/standard-webhooks */
export interface SignedHeaders {
  readonly 'webhook-id': string;
  readonly 'webhook-timestamp': string;
  readonly 'webhook-signature': string;
}

const form = /^whsec_([A-Za-z0-9+/]+={0,2})$/;

/**
 * Reads the secrets of a file: one a line, each "whsec_" and the base64 of 24 to 64 bytes. With several, each signs:
 * so receivers change over one by one.
 * @throws Error that does not tell the secret.
 */
export function readSecrets(text: SecretText): readonly Buffer[] {
  const lines = text.reveal().split(/\s+/).filter(Boolean);
  const keys = lines.map((line) => Buffer.from(form.exec(line)?.[1] ?? '', 'base64'));
  if (keys.length === 0 || keys.some(({ length }) => length < 24 || length > 64))
    throw new Error(
      'The secret of the webhook must be "whsec_" and 24 to 64 bytes in base64. To make one: echo "whsec_$(openssl rand -base64 32)"',
    );
  return keys;
}

export function sign(id: string, at: Date, body: string, keys: readonly Buffer[]): SignedHeaders {
  const seconds = String(Math.floor(at.getTime() / 1_000));
  const signatures = keys.map(
    (key) => `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`,
  );
  return { 'webhook-id': id, 'webhook-timestamp': seconds, 'webhook-signature': signatures.join(' ') };
}
