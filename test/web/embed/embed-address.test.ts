import { expect, test } from '@jest/globals';
import { readEmbedAddress, ticketFrom } from '../../../src/web/embed/embed-address.ts';

const read = (address: string): ReturnType<typeof readEmbedAddress> =>
  readEmbedAddress(new URL(address, 'https://live.example.com'));

test('the address names the channel, the embedding page and the ticket', () => {
  expect(read('/embed/4711')).toEqual({ channelId: '4711', playsAgora: false, qoe: true });
  expect(
    read(
      '/embed/show%2F1/?parentOrigin=https%3A%2F%2Fshop.example&lang=de&agora=1&qoe=0#ticket=abc.d-e_f.ghi',
    ),
  ).toEqual({
    channelId: 'show/1',
    parentOrigin: 'https://shop.example',
    language: 'de',
    playsAgora: true,
    qoe: false,
    ticket: 'abc.d-e_f.ghi',
  });
});

test.each(['/embed/', '/embed/a/b', '/embed/%E0%A4%A', '/other/4711'])('%s is not an embed page', (address) =>
  expect(read(address)).toBeUndefined(),
);

test('the page of the seller has the same address under its own name', () => {
  const at = new URL('https://live.example.com/seller/show%2F1?lang=de#ticket=abc.def');
  expect(readEmbedAddress(at, 'seller')).toMatchObject({
    channelId: 'show/1',
    language: 'de',
    ticket: 'abc.def',
  });
  expect(readEmbedAddress(at)).toBeUndefined();
});

test('a ticket is read from the fragment only', () =>
  expect(read('/embed/4711?ticket=abc.def.ghi')?.ticket).toBeUndefined());

test.each(['', 'a b', 'a\nb', '<script>', 'x'.repeat(4_097), 7, null, undefined, {}])(
  'what is not a ticket is dropped: %p',
  (value) => expect(ticketFrom(value)).toBeUndefined(),
);
