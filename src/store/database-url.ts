import { readFileSync } from 'node:fs';
import { SecretText } from '../base/secret-text.ts';
import { StoreError } from './errors.ts';

/** Gives the address as it is now: a file is read again for every connection, so that a password can be rotated. */
export type DatabaseUrl = () => SecretText;

/**
 * DATABASE_URL_FILE, or DATABASE_URL; undefined where neither is set. Throws a StoreError that never holds the address.
 */
export function databaseUrlFrom(
  environment: Readonly<Record<string, string | undefined>>,
): DatabaseUrl | undefined {
  const file = environment['DATABASE_URL_FILE'];
  if (file !== undefined && file !== '') return urlInFile(file);
  const url = environment['DATABASE_URL'];
  if (url === undefined || url === '') return undefined;
  const secret = checked(url, 'DATABASE_URL');
  return () => secret;
}

export function urlInFile(file: string): DatabaseUrl {
  return () => {
    let text;
    try {
      text = readFileSync(file, 'utf8').trim();
    } catch (cause) {
      throw new StoreError('Unavailable', `The database's address cannot be read from ${file}`, { cause });
    }
    return checked(text, file);
  };
}

function checked(url: string, where: string): SecretText {
  if (!/^postgres(ql)?:\/\/\S+$/.test(url))
    throw new StoreError(
      'Invalid',
      `The database's address in ${where} is not of the form postgres://user:password@host:5432/database?sslmode=require`,
    );
  return new SecretText(withLibpqModes(url));
}

/**
 * node-postgres takes every sslmode for verify-full unless told to read it as PostgreSQL's own programs do
 * (https://www.postgresql.org/docs/current/libpq-ssl.html): then one address serves psql and us.
 */
function withLibpqModes(url: string): string {
  if (!/[?&]sslmode=/.test(url) || /[?&]uselibpqcompat=/.test(url)) return url;
  return `${url}&uselibpqcompat=true`;
}
