import { describe, expect, test } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

/** Red, green, blue from 0 to 255, and opacity from 0 to 1. */
type Color = readonly [number, number, number, number];

const css = await readFile(resolve(import.meta.dirname, '../../../src/web/player/colors.css'), 'utf8');

/** The first declaration of a custom property, in the light and in the dark theme. */
function property(name: string): { readonly light: Color; readonly dark: Color } {
  const [, light = '', dark = ''] =
    new RegExp(String.raw`--lc-${name}: light-dark\(((?:rgb\([^)]*\)|#\w+)), ((?:rgb\([^)]*\)|#\w+))\)`).exec(
      css,
    ) ?? [];
  return { light: color(light), dark: color(dark) };
}

function color(text: string): Color {
  const numbers = text.match(/[\d.]+/g)?.map(Number) ?? [];
  const [r = NaN, g = NaN, b = NaN, opacity = 1] = text.startsWith('#') ? hex(text) : numbers;
  return [r, g, b, opacity];
}

function hex(text: string): number[] {
  const digits =
    text.length === 4 ? text.match(/\w/g)?.map((digit) => digit + digit) : text.slice(1).match(/../g);
  return (digits ?? []).map((pair) => parseInt(pair, 16));
}

/** What is seen of `top` over an opaque color. */
const over = ([r, g, b, opacity]: Color, [r2, g2, b2]: Color): Color => {
  const mix = (a: number, z: number): number => a * opacity + z * (1 - opacity);
  return [mix(r, r2), mix(g, g2), mix(b, b2), 1];
};

/** WCAG 2.2, "relative luminance". */
function luminance([r, g, b]: Color): number {
  const [red = 0, green = 0, blue = 0] = [r, g, b].map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, "contrast ratio". */
function contrast(a: Color, b: Color): number {
  const [bright = 0, dim = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (bright + 0.05) / (dim + 0.05);
}

const video = { black: color('#000'), white: color('#fff') };

describe.each(['light', 'dark'] as const)('in the %s theme', (theme) => {
  describe.each(['black', 'white'] as const)('over %s video', (frame) => {
    const surface = over(property('surface')[theme], video[frame]);

    test.each(['text', 'quiet', 'live'])('%s can be read: 4.5 to 1 and more', (name) => {
      expect(contrast(property(name)[theme], surface)).toBeGreaterThanOrEqual(4.5);
    });

    test.each(['accent', 'good', 'fair', 'poor', 'focus'])('%s stands out: 3 to 1 and more', (name) => {
      expect(contrast(property(name)[theme], surface)).toBeGreaterThanOrEqual(3);
    });
  });

  test('the words of a button can be read', () => {
    expect(contrast(property('on-accent')[theme], property('accent')[theme])).toBeGreaterThanOrEqual(4.5);
  });
});
