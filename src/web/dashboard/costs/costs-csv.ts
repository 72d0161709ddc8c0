import type { CostRow } from './cost-rows.ts';

/** Names of the columns, for programs and not for people: they are in no language. */
const header = [
  'group',
  'usd',
  'on_agora_alone_usd',
  'saved_usd',
  'complete',
  'missing_seconds',
  'estimated',
] as const;

/** What spreadsheets take for the beginning of a formula. */
const formula = /^[=+\-@\t\r]/;

/** The table as CSV by RFC 4180. Unknown amounts are empty, not 0. */
export function costsCsv(rows: readonly CostRow[], group: string): string {
  const lines = rows.map((row) => [
    text(row.name ?? ''),
    amount(row.usd),
    amount(row.onAgoraAloneUsd),
    amount(row.savedUsd),
    String(row.missingSeconds === 0),
    String(row.missingSeconds),
    String(row.estimated),
  ]);
  return [[text(group), ...header.slice(1)], ...lines].map((cells) => `${cells.join(',')}\r\n`).join('');
}

/** Ids are chosen by the app's users: a spreadsheet must not run them. */
function text(value: string): string {
  const safe = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** As the service writes amounts: to a millionth. */
const amount = (value: number | null): string => (value === null ? '' : value.toFixed(6));
