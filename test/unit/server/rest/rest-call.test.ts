import { describe, expect, jest, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { RestCall } from '../../../../src/server/rest/rest-call.ts';

class Response extends EventEmitter {
  closed = false;
  writableFinished = false;
}
const callOf = (response: Response, limitMs?: number): RestCall =>
  new RestCall('id', response as unknown as ServerResponse, limitMs); // The part of one that is used.

describe('the signal of a call', () => {
  test('is created on first access, and reused', () => {
    const response = new Response();
    const call = callOf(response, 1_000);
    expect(response.listenerCount('close')).toBe(0);
    const { signal } = call;
    expect(call.signal).toBe(signal);
    expect(response.listenerCount('close')).toBe(1);
    response.emit('close');
  });

  test('aborts when the caller disconnects before the response', () => {
    const response = new Response();
    const { signal } = callOf(response, 1_000);
    response.emit('close');
    expect(signal.reason).toMatchObject({ code: 'timeout', detail: 'The client closed the connection.' });
  });

  test('aborts when the caller disconnected before the first access', () => {
    const response = Object.assign(new Response(), { closed: true });
    expect(callOf(response).signal.aborted).toBe(true);
  });

  test('does not abort when the response was sent', () => {
    const response = new Response();
    const { signal } = callOf(response, 1_000);
    response.writableFinished = true;
    response.emit('close');
    expect(signal.aborted).toBe(false);
  });

  test('aborts at the timeout, counted from the beginning', () => {
    jest.useFakeTimers();
    try {
      const call = callOf(new Response(), 1_000);
      jest.advanceTimersByTime(600);
      const { signal } = call;
      jest.advanceTimersByTime(399);
      expect(signal.aborted).toBe(false);
      jest.advanceTimersByTime(2);
      expect(signal.reason).toMatchObject({ code: 'timeout', detail: 'The request timed out.' });
    } finally {
      jest.useRealTimers();
    }
  });
});
