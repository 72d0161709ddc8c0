import { expect, test } from '@jest/globals';
import { errorCode, errorSummary, errorText } from '../../../src/base/error-text.ts';

const notFound = Object.assign(new Error('no such file'), { code: 'ENOENT', password: 'secret' });

test.each([
  [notFound, 'ENOENT', 'ENOENT', 'Error: no such file'],
  [new TypeError('wrong'), undefined, 'TypeError: wrong', 'TypeError: wrong'],
  [Object.assign(new Error('ended'), { code: 1 }), undefined, 'Error: ended', 'Error: ended'],
  ['text', undefined, 'text', 'text'],
  [undefined, undefined, 'undefined', 'undefined'],
  [null, undefined, 'null', 'null'],
])('%p', (error, code, text, summary) => {
  expect([errorCode(error), errorText(error), errorSummary(error)]).toEqual([code, text, summary]);
});
