import { CsvError, parse } from 'csv-parse/sync';
import { z } from 'zod';
import { UserError } from '../base/errors.ts';

/** The number of viewers from `second` until the next step. */
export interface TraceStep {
  readonly second: number;
  readonly viewers: number;
}

/** Bounds the run time of the simulation, which decides every ten seconds. */
const MAX_TRACE_SECONDS = 366 * 86_400;

/** A trace file is invalid. The message names the file, the line and the reason. */
export class TraceError extends UserError {
  override readonly name = 'TraceError';
  override readonly code = 'TRACE_INVALID';
}

/**
 * Parses an audience from CSV with the columns second and viewers. The last row ends the trace. `where` is the file's
 * name, for messages.
 * @throws TraceError that names file and line
 */
export function parseTrace(text: string, where: string): readonly TraceStep[] {
  const rows = records(text, where);
  const steps: TraceStep[] = [];
  for (const { record, line } of rows) {
    const at = `${where}, line ${line}`;
    const second = numberOf(record['second'], 'second', at);
    const viewers = numberOf(record['viewers'], 'viewers', at);
    if (!Number.isInteger(viewers)) throw new TraceError(`${at}: viewers is ${viewers}, not an integer.`);
    const last = steps.at(-1);
    if (last !== undefined && second <= last.second)
      throw new TraceError(
        `${at}: second is ${second}, after ${last.second}. Seconds must increase from row to row.`,
      );
    steps.push({ second, viewers });
  }
  if (steps.length < 2)
    throw new TraceError(
      `${where} has ${steps.length} rows. At least two are required: the last one ends the trace.`,
    );
  const [begin, end] = [steps[0]?.second ?? 0, steps.at(-1)?.second ?? 0];
  if (end - begin > MAX_TRACE_SECONDS)
    throw new TraceError(
      `${where} lasts ${Math.round((end - begin) / 86_400)} days. The maximum is one year; is the unit seconds?`,
    );
  return steps;
}

/** A row as csv-parse returns it with the option `info`. */
const rowSchema = z.object({ record: z.array(z.string()), info: z.object({ lines: z.int() }) });

/** The types of csv-parse do not cover the result with `info`; rowSchema checks it. */
const parseCsv = parse as (text: string, options: object) => unknown;

interface Row {
  readonly record: Readonly<Record<string, string | undefined>>;
  readonly line: number;
}

function records(text: string, where: string): readonly Row[] {
  const options = { bom: true, trim: true, skip_empty_lines: true, comment: '#', info: true } as const;
  let rows;
  try {
    rows = z.array(rowSchema).parse(parseCsv(text, options));
  } catch (error) {
    if (error instanceof CsvError) throw new TraceError(`${where}: ${error.message}`);
    throw error;
  }
  const [header, ...rest] = rows.map(({ record, info }) => ({ cells: [...record], line: info.lines }));
  const names = (header?.cells ?? []).map((each) => each.toLowerCase());
  for (const needed of ['second', 'viewers'])
    if (!names.includes(needed))
      throw new TraceError(
        `${where} has no column "${needed}"; its first line is "${names.join(',')}" and should be "second,viewers".`,
      );
  return rest.map(({ cells, line }) => ({
    record: Object.fromEntries(names.map((name, index) => [name, cells[index]])),
    line,
  }));
}

function numberOf(text: string | undefined, name: string, at: string): number {
  const value = text === undefined || text === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new TraceError(`${at}: ${name} is "${text ?? ''}", not a number.`);
  if (value < 0) throw new TraceError(`${at}: ${name} is ${value}, less than 0.`);
  return value;
}
