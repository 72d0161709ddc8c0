/**
 * The colors of the diagrams: those of docs/diagrams/style.d2, which are for the light mode, and their replacements in
 * the dark mode. D2 has themes for its own colors only.
 */
export const darkColors: Readonly<Record<string, string>> = {
  // Blue: components of this project.
  '#ddf4ff': '#10315c',
  '#0969da': '#58a6ff',
  // Green: platforms, and normal states.
  '#dafbe1': '#123620',
  '#1a7f37': '#3fb950',
  // Yellow: people and their applications.
  '#fff8c5': '#3d3109',
  '#9a6700': '#d29922',
  // Red: faults and refusals.
  '#ffebe9': '#4b1a1d',
  '#cf222e': '#f85149',
  // Purple: Agora.
  '#fbefff': '#33204f',
  '#8250df': '#b083f0',
  // Gray: idle components, and time.
  '#f6f8fa': '#2a2f3a',
  '#6e7781': '#9198a1',
};

/** The page background in the dark mode. */
export const darkPage = '#0d1117';

/** A style sheet that replaces the colors if the reader's system is dark. */
export function darkStyle(): string {
  const rules = Object.entries(darkColors).flatMap(([light, dark]) =>
    (['fill', 'stroke'] as const).map((property) => `[${property}="${light}" i]{${property}:${dark}}`),
  );
  // The page itself; two classes more than D2's own rule for it.
  rules.push(`.d2-svg.d2-svg .fill-N7{fill:${darkPage}}`);
  return `<style type="text/css">@media screen and (prefers-color-scheme:dark){${rules.join('')}}</style>`;
}

/** Every color that the light mode of an SVG contains as an attribute. */
export function colorsOf(svg: string): ReadonlySet<string> {
  return new Set(
    [...svg.matchAll(/(?:fill|stroke)="(#[0-9a-fA-F]{3,8})"/g)].map(([, color = '']) => color.toLowerCase()),
  );
}
