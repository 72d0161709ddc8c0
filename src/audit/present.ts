import { alignedLines } from '../base/text-table.ts';
import type { MicroDollars } from '../costs/price-book.ts';
import type { Audit, PlatformAudit, StreamRow } from './audit.ts';

/** The report as text: a table for each platform, then a line with the totals. */
export function asTable({ platforms, totals }: Audit): string {
  const blocks = platforms.map((platform) => `${platform.name} (${platform.provider})\n${bodyOf(platform)}`);
  const summary = [
    counted(totals.streams, 'stream'),
    `${totals.live} live`,
    counted(totals.viewers, 'viewer'),
    counted(totals.orphans, 'orphan'),
    counted(totals.strays, 'stray'),
    `${money(totals.microDollarsAnHour, totals.costIsComplete)} USD an hour at list price`,
  ].join(', ');
  return `${[...blocks, summary].join('\n\n')}\n`;
}

/** The report as JSON. Costs are integers in millionths of a US dollar per hour; unknown values are null. */
export function asJson({ platforms, totals }: Audit): string {
  const plain = {
    platforms: platforms.map(({ name, provider, streams, problem }) => ({
      name,
      provider,
      problem: problem ?? null,
      streams: streams.map((row) => ({
        ...row,
        live: row.live ?? null,
        liveSince: row.liveSince?.toISOString() ?? null,
        viewers: row.viewers ?? null,
        microDollarsAnHour: row.microDollarsAnHour ?? null,
      })),
    })),
    totals,
  };
  return `${JSON.stringify(plain, null, 2)}\n`;
}

function bodyOf({ streams, problem }: PlatformAudit): string {
  if (problem !== undefined) return `  could not be queried: ${problem.reason}: ${problem.message}`;
  if (streams.length === 0) return '  no streams';
  const head = ['BELONGS TO', 'LIVE SINCE', 'VIEWERS', 'USD/HOUR', 'NAME', 'ID'];
  return aligned([head, ...streams.map(cellsOf)]);
}

function cellsOf(row: StreamRow): string[] {
  const since = row.liveSince?.toISOString().replace(/\.\d+Z$/, 'Z') ?? 'live';
  return [
    owner(row),
    row.live === true ? since : row.live === false ? '-' : '?',
    row.live === true ? String(row.viewers ?? '?') : '-',
    row.microDollarsAnHour === undefined ? '?' : money(row.microDollarsAnHour, row.costIsComplete),
    row.name,
    row.id,
  ];
}

function owner({ belonging, channel }: StreamRow): string {
  if (belonging === 'orphan') return `orphan: channel ${channel} is gone`;
  return belonging === 'stray' ? `stray: channel ${channel} does not record it` : channel;
}

function money(amount: MicroDollars, complete: boolean): string {
  return `${complete ? '' : '>='}${(amount / 1_000_000).toFixed(2)}`;
}

function counted(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function aligned(rows: readonly (readonly string[])[]): string {
  return alignedLines(rows)
    .map((line) => `  ${line}`)
    .join('\n');
}
