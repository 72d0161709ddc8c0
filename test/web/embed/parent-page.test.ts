import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { ParentPage } from '../../../src/web/embed/parent-page.ts';

const origin = 'https://shop.example';

/** A window in an iframe. What is posted to the embedding page is recorded; `receive` delivers a message of some page. */
class FramedWindow extends EventTarget {
  readonly posted: unknown[] = [];
  readonly parent = {
    postMessage: (message: unknown, target: string): void => void this.posted.push([message, target]),
  };

  receive(data: unknown, from: { readonly origin?: string; readonly source?: unknown } = {}): void {
    const event = new Event('message');
    this.dispatchEvent(Object.assign(event, { data, origin, source: this.parent, ...from }));
  }
}

let own: FramedWindow;
let page: ParentPage;
beforeEach(() => {
  jest.useFakeTimers();
  own = new FramedWindow();
  page = new ParentPage(own as unknown as Window, origin, '4711'); // has what ParentPage uses
});
afterEach(() => void jest.useRealTimers());

const request = [{ type: 'livechannel:ticket-request', channelId: '4711' }, origin];
const answer = { type: 'livechannel:ticket', channelId: '4711', ticket: 'abc.def.ghi' };

test('the page requests a ticket from the embedding page, and only from its origin', async () => {
  const ticket = page.ticket();
  expect(own.posted).toEqual([request]);
  own.receive(answer);
  expect(await ticket).toBe('abc.def.ghi');
});

test('an id that is a number in the app is recognized', async () => {
  const ticket = page.ticket();
  own.receive({ ...answer, channelId: 4711 });
  expect(await ticket).toBe('abc.def.ghi');
});

test('messages of other pages, of other kinds and for other channels are ignored', async () => {
  const ticket = page.ticket();
  own.receive({ ...answer, ticket: 'evil' }, { origin: 'https://evil.example' });
  own.receive({ ...answer, ticket: 'evil' }, { source: {} });
  own.receive({ ...answer, ticket: 'evil', type: 'ticket' });
  own.receive({ ...answer, ticket: 'evil', channelId: '1' });
  own.receive('text');
  own.receive(null);
  own.receive(answer);
  expect(await ticket).toBe('abc.def.ghi');
});

test('the request is repeated until the embedding page listens', async () => {
  const ticket = page.ticket();
  jest.advanceTimersByTime(3_500);
  expect(own.posted).toEqual([request, request, request, request]);
  own.receive(answer);
  await ticket;
  jest.advanceTimersByTime(10_000);
  expect(own.posted).toHaveLength(4);
});

test('without an answer there is no ticket, instead of a player that waits', async () => {
  const ticket = page.ticket();
  jest.advanceTimersByTime(10_000);
  expect(await ticket).toBeUndefined();
});

test('the embedding page can say that the viewer may not watch', async () => {
  const ticket = page.ticket();
  own.receive({ ...answer, ticket: null });
  expect(await ticket).toBeUndefined();
});

test('requests at the same time are one, and a later one is another', async () => {
  const both = [page.ticket(), page.ticket()];
  own.receive(answer);
  expect(await Promise.all(both)).toEqual(['abc.def.ghi', 'abc.def.ghi']);
  const later = page.ticket();
  own.receive({ ...answer, ticket: 'later' });
  expect(await later).toBe('later');
  expect(own.posted).toHaveLength(2);
});

test('a page that is not embedded has no ticket to wait for', async () => {
  const alone = new ParentPage(window, origin, '4711');
  alone.post({ type: 'livechannel:state', channelId: '4711', state: 'playing' });
  expect(await alone.ticket()).toBeUndefined();
});

test("the embedding page sends figures of the seller's Agora client, and no other page does", () => {
  const received: unknown[] = [];
  const stop = page.onAgora((figures) => received.push(figures));
  const figures = { type: 'livechannel:agora', channelId: '4711', uplinkQuality: 4, sendLossPercent: 1.5 };
  own.receive(figures, { origin: 'https://evil.example' });
  own.receive(figures, { source: {} });
  own.receive({ ...figures, channelId: '1' });
  own.receive(null);
  own.receive(figures);
  own.receive({ ...figures, uplinkQuality: 'bad' });
  stop();
  own.receive(figures);
  expect(received).toEqual([
    { uplinkQuality: 4, sendLossPercent: 1.5 },
    { uplinkQuality: undefined, sendLossPercent: 1.5 },
  ]);
});
