import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { databaseUrlFrom, urlInFile } from '../../../src/store/database-url.ts';

describe('databaseUrlFrom', () => {
  test('without settings there is no database', () => {
    expect(databaseUrlFrom({})).toBeUndefined();
    expect(databaseUrlFrom({ DATABASE_URL: '', DATABASE_URL_FILE: '' })).toBeUndefined();
  });

  test.each([
    ['postgres://app:pw@db:5432/app', 'postgres://app:pw@db:5432/app'],
    ['postgresql://app@/app?host=/run/postgresql', 'postgresql://app@/app?host=/run/postgresql'],
    // As psql interprets it: encrypted, without verification.
    ['postgres://db/app?sslmode=require', 'postgres://db/app?sslmode=require&uselibpqcompat=true'],
    [
      'postgres://db/app?sslmode=verify-full&uselibpqcompat=false',
      'postgres://db/app?sslmode=verify-full&uselibpqcompat=false',
    ],
  ])('%s', (given, expected) => {
    expect(databaseUrlFrom({ DATABASE_URL: given })?.().reveal()).toBe(expected);
  });

  test.each(['mysql://app:s3cret@db/app', 's3cret', 'postgres://', 'postgres://a b:s3cret@db'])(
    'an invalid URL is rejected without it in the message: %s',
    (url) => {
      const parse = (): unknown => databaseUrlFrom({ DATABASE_URL: url });
      expect(parse).toThrow(/DATABASE_URL is not of the form/);
      expect(parse).not.toThrow(/s3cret/);
    },
  );

  test('a file is read each time, and takes precedence over DATABASE_URL', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'livechannel-url-'));
    try {
      const file = join(folder, 'url');
      const url = databaseUrlFrom({ DATABASE_URL: 'postgres://other/app', DATABASE_URL_FILE: file });
      expect(() => url?.()).toThrow(`cannot be read from ${file}`);
      await writeFile(file, ' postgres://one/app\n');
      expect(url?.().reveal()).toBe('postgres://one/app');
      await writeFile(file, 'postgres://two/app');
      expect(url?.().reveal()).toBe('postgres://two/app');
      expect(urlInFile(file)().reveal()).toBe('postgres://two/app');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
