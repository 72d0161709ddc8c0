import { readFileSync } from 'node:fs';
import { SecretText } from '../base/secret-text.ts';
import { StoreError } from './errors.ts';

/** Returns the current URL. A file is read again for every connection, so that a password can be rotated. */
export type DatabaseUrl = () => SecretText;

/**
 * URL from DATABASE_URL_FILE or DATABASE_URL; undefined if neither is set. Errors are StoreErrors whose message never
 * contains the URL.
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

/** URL in a file. The returned function throws a StoreError while the file is unreadable or its content malformed. */
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
 * node-postgres treats every sslmode as verify-full unless uselibpqcompat is set. With it, sslmode has the meaning that
 * PostgreSQL's own programs give it (https://www.postgresql.org/docs/current/libpq-ssl.html), so that one URL serves psql
 * and this program.
 */
function withLibpqModes(url: string): string {
  if (!/[?&]sslmode=/.test(url) || /[?&]uselibpqcompat=/.test(url)) return url;
  return `${url}&uselibpqcompat=true`;
}
