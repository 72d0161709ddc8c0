import { expect, test } from '@jest/globals';
import { errorCode, errorMessage, errorSummary, errorText } from '../../../src/base/error-text.ts';

const notFound = Object.assign(new Error('no such file'), { code: 'ENOENT', password: 'secret' });

test.each([
  [notFound, 'ENOENT', 'ENOENT', 'Error: no such file', 'no such file'],
  [new TypeError('wrong'), undefined, 'TypeError: wrong', 'TypeError: wrong', 'wrong'],
  [Object.assign(new Error('ended'), { code: 1 }), undefined, 'Error: ended', 'Error: ended', 'ended'],
  ['text', undefined, 'text', 'text', 'text'],
  [undefined, undefined, 'undefined', 'undefined', 'undefined'],
  [null, undefined, 'null', 'null', 'null'],
])('%p', (error, code, text, summary, message) => {
  expect([errorCode(error), errorText(error), errorSummary(error), errorMessage(error)]).toEqual([
    code,
    text,
    summary,
    message,
  ]);
});
