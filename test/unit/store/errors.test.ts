import { describe, expect, test } from '@jest/globals';
import { asStoreError, StoreError } from '../../../src/store/errors.ts';

const withCode = (code: string): Error => Object.assign(new Error('said'), { code });

describe('asStoreError', () => {
  test.each([
    ['57P01', 'an administrator stops the server'],
    ['57P03', 'it is starting'],
    ['53300', 'too many connections'],
    ['53100', 'the disk is full'],
    ['57014', 'the statement took too long'],
    ['40P01', 'a deadlock'],
    ['55P03', 'a lock'],
    ['08006', 'the connection failed'],
    ['28P01', 'the password is another'],
    ['42P01', 'there is no table yet'],
    ['42501', 'no right to it'],
    ['25006', 'a standby that only reads'],
    ['ECONNREFUSED', 'nobody listens'],
    ['ENOTFOUND', 'no such name'],
    ['EPIPE', 'the connection broke'],
  ])('%s is worth another try: %s', (code) => {
    expect(asStoreError('It failed', withCode(code)).reason).toBe('Unavailable');
  });

  test.each([
    ['22003', 'a number out of range'],
    ['22021', 'a character that no text holds'],
    ['23514', 'a check'],
    ['42601', 'a mistake in our SQL'],
  ])('%s never works: %s', (code) => {
    expect(asStoreError('It failed', withCode(code)).reason).toBe('Invalid');
  });

  test('an error without any code is a connection that broke, but a mistake of the program is not', () => {
    expect(asStoreError('It failed', new Error('Connection terminated unexpectedly')).reason).toBe(
      'Unavailable',
    );
    expect(asStoreError('It failed', new TypeError('x is not a function')).reason).toBe('Invalid');
    expect(asStoreError('It failed', new RangeError('more than a number holds')).reason).toBe('Invalid');
  });

  test('says what could not be done, what was said, and what to do', () => {
    expect(asStoreError('Samples could not be written', withCode('42P01')).message).toBe(
      'Samples could not be written: said (SQLSTATE 42P01); run `livechannel migrate`',
    );
    const refused = new AggregateError([withCode('ECONNREFUSED'), new Error('other')], '');
    expect(asStoreError('It failed', refused).message).toBe('It failed: said; other');
    expect(asStoreError('It failed', 'text').message).toBe('It failed: text');
  });

  test('a StoreError stays what it is', () => {
    const error = new StoreError('Invalid', 'no');
    expect(asStoreError('It failed', error)).toBe(error);
  });
});
