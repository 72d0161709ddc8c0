import { expect, test } from '@jest/globals';
import { Backlog } from '../../../../src/relay/page/backlog.ts';

const free = { open: true, waitingBytes: 0 };
const full = { open: true, waitingBytes: 9 * 1024 * 1024 };
const closed = { open: false, waitingBytes: 0 };

test('a relay that reads receives everything', () => {
  const backlog = new Backlog();
  expect([false, true, false].map((key) => backlog.admits('video', key, free))).toEqual([true, true, true]);
  expect(backlog.admits('audio', false, free)).toBe(true);
  expect(backlog.framesDropped).toBe(0);
});

test('when the socket is full, video is dropped up to the next keyframe, and counted; audio is not', () => {
  const backlog = new Backlog();
  expect(backlog.admits('video', true, full)).toBe(false);
  expect(backlog.admits('audio', false, full)).toBe(true);
  expect(backlog.admits('video', false, free)).toBe(false);
  expect(backlog.admits('video', true, free)).toBe(true);
  expect(backlog.admits('video', false, free)).toBe(true);
  expect(backlog.framesDropped).toBe(2);
});

test('when the connection is lost, video is dropped up to the next keyframe', () => {
  const backlog = new Backlog();
  expect(backlog.admits('audio', false, closed)).toBe(false);
  backlog.connectionLost();
  expect(backlog.admits('video', false, free)).toBe(false);
  expect(backlog.admits('video', true, free)).toBe(true);
  expect(backlog.framesDropped).toBe(1);
});
