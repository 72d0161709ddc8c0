import { describe, expect, test } from '@jest/globals';
import { asStoreError, StoreError } from '../../../src/store/errors.ts';

const withCode = (code: string): Error => Object.assign(new Error('said'), { code });

describe('asStoreError', () => {
  test.each([
    ['57P01', 'an administrator shutting down the server'],
    ['57P03', 'a server that is starting'],
    ['53300', 'too many connections'],
    ['53100', 'a full disk'],
    ['57014', 'a statement timeout'],
    ['40P01', 'a deadlock'],
    ['55P03', 'a lock timeout'],
    ['08006', 'a failed connection'],
    ['28P01', 'a wrong password'],
    ['42P01', 'a missing table'],
    ['42501', 'a missing permission'],
    ['25006', 'a read-only standby'],
    ['ECONNREFUSED', 'a refused connection'],
    ['ENOTFOUND', 'an unknown host'],
    ['EPIPE', 'a broken connection'],
  ])('%s is retryable: %s', (code) => {
    expect(asStoreError('It failed', withCode(code)).reason).toBe('Unavailable');
  });

  test.each([
    ['22003', 'a number out of range'],
    ['22021', 'an invalid character'],
    ['23514', 'a violated check'],
    ['42601', 'a syntax error in our SQL'],
  ])('%s is not retryable: %s', (code) => {
    expect(asStoreError('It failed', withCode(code)).reason).toBe('Invalid');
  });

  test('an error without any code is a broken connection, but a bug of the program is not', () => {
    expect(asStoreError('It failed', new Error('Connection terminated unexpectedly')).reason).toBe(
      'Unavailable',
    );
    expect(asStoreError('It failed', new TypeError('x is not a function')).reason).toBe('Invalid');
    expect(asStoreError('It failed', new RangeError('more than a number holds')).reason).toBe('Invalid');
  });

  test('the message contains the operation, the cause and the remedy', () => {
    expect(asStoreError('Samples could not be written', withCode('42P01')).message).toBe(
      'Samples could not be written: said (SQLSTATE 42P01); run `livechannel migrate`',
    );
    const refused = new AggregateError([withCode('ECONNREFUSED'), new Error('other')], '');
    expect(asStoreError('It failed', refused).message).toBe('It failed: said; other');
    expect(asStoreError('It failed', 'text').message).toBe('It failed: text');
  });

  test('a StoreError is unchanged', () => {
    const error = new StoreError('Invalid', 'no');
    expect(asStoreError('It failed', error)).toBe(error);
  });
});
