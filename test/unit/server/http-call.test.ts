import { describe, expect, test } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { EventStreams } from '../../../src/server/event-streams.ts';
import { HttpCall } from '../../../src/server/http-call.ts';

class Response extends EventEmitter {
  closed = false;
  writableFinished = false;
}
const asResponse = (response: Response): ServerResponse => response as unknown as ServerResponse; // as much as is used
const callOf = (response: Response, clock = new FakeClock()): HttpCall =>
  new HttpCall('id', asResponse(response), clock);

describe('the signal of a call', () => {
  test('is created on first use, and stays the same', () => {
    const response = new Response();
    const call = callOf(response);
    expect(response.listenerCount('close')).toBe(0);
    const { signal } = call;
    expect(call.signal).toBe(signal);
    expect(response.listenerCount('close')).toBe(1);
    response.emit('close');
  });

  test('aborts when the caller goes before the answer', () => {
    const response = new Response();
    const { signal } = callOf(response);
    response.emit('close');
    expect(signal.reason).toMatchObject({ code: 'timeout', detail: 'The client closed the connection.' });
  });

  test('also when the caller had gone before anybody looked', () => {
    const response = Object.assign(new Response(), { closed: true });
    expect(callOf(response).signal.aborted).toBe(true);
  });

  test('does not abort when the answer was read', () => {
    const response = new Response();
    const { signal } = callOf(response);
    response.writableFinished = true;
    response.emit('close');
    expect(signal.aborted).toBe(false);
  });

  test('aborts at the timeout, counted from when it was set', async () => {
    const clock = new FakeClock();
    const call = callOf(new Response(), clock);
    call.limit(1_000);
    await clock.advance(600);
    const { signal } = call;
    await clock.advance(399);
    expect(signal.aborted).toBe(false);
    await clock.advance(2);
    expect(signal.reason).toMatchObject({ code: 'timeout', detail: 'The request timed out.' });
  });

  test('a later timeout replaces the earlier one, and none remains after the response', async () => {
    const clock = new FakeClock();
    const response = new Response();
    const call = callOf(response, clock);
    const { signal } = call;
    call.limit(1_000);
    call.limit(5_000);
    await clock.advance(4_999);
    expect(signal.aborted).toBe(false);
    Object.assign(response, { closed: true, writableFinished: true }).emit('close');
    call.limit(5_000);
    await clock.advance(10_000);
    expect(signal.aborted).toBe(false);
  });
});

describe('event streams', () => {
  test('end between 12 and 15 minutes', async () => {
    const clock = new FakeClock();
    const call = callOf(new Response(), clock);
    const { signal } = call;
    new EventStreams(() => 0.5).add(call, asResponse(new Response()));
    await clock.advance(13.5 * 60_000 - 1);
    expect(signal.aborted).toBe(false);
    await clock.advance(1);
    expect(signal.aborted).toBe(true);
  });

  test('end when the server closes, also those that begin later, but not those that have ended', () => {
    const streams = new EventStreams(() => 1);
    const responses = [new Response(), new Response(), new Response()] as const;
    const [open, ended, late] = responses.map((response) => callOf(response)) as [
      HttpCall,
      HttpCall,
      HttpCall,
    ];
    streams.add(open, asResponse(responses[0]));
    streams.add(ended, asResponse(responses[1]));
    Object.assign(responses[1], { closed: true, writableFinished: true }).emit('close');
    streams.closeAll();
    streams.add(late, asResponse(responses[2]));
    expect([open, ended, late].map(({ signal }) => signal.aborted)).toEqual([true, false, true]);
  });
});
