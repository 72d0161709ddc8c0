import type { Row } from './run.ts';

const columns: readonly (readonly [string, (row: Row) => string])[] = [
  ['platform', ({ platform }) => platform],
  ['lifecycles', ({ lifecycles }) => String(lifecycles)],
  ['actions', ({ actions }) => String(actions)],
  ['faults', ({ faults }) => String(faults)],
  ['crashes', ({ crashes }) => String(crashes)],
  ['creates', ({ creates }) => String(creates)],
  ['adoptions', ({ adoptions }) => String(adoptions)],
  ['leaks', ({ leaks }) => String(leaks)],
  ['doubles', ({ doubles }) => String(doubles)],
  ['foreign touched', ({ foreign }) => String(foreign)],
  ['not as desired', ({ states }) => String(states)],
  ['seconds', ({ seconds }) => seconds.toFixed(0)],
];

/** Formats the rows as a table for a terminal. */
export function showTable(rows: readonly Row[]): string {
  const lines = [columns.map(([title]) => title), ...rows.map((row) => columns.map(([, show]) => show(row)))];
  const widths = columns.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((text, column) =>
          column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
