import { type RawBuilder, sql } from 'kysely';
import { latencyBuckets, startupBuckets } from '../api/qoe-buckets.ts';
import { keyText } from './channel-key-text.ts';
import { type DatabaseLayout, table } from './layout.ts';
import { bin } from './roll-ups.ts';
import type { QoeBatch, QoePlayers, QoeQuery, QoeRow, QoeSums } from './store.ts';
import { writeRows } from './write-rows.ts';

/** Columns of the sums that are numbers, by the name of the sum. */
const numbers = {
  playing: 'playing_seconds',
  stalled: 'stalled_seconds',
  stalls: 'stalls',
  frames: 'frames',
  dropped: 'dropped_frames',
  fatal: 'fatal',
  starts: 'starts',
  carried: 'carried',
  carriedReporters: 'carried_reporters',
} as const satisfies Partial<Record<keyof QoeSums, string>>;
type NumberName = keyof typeof numbers;
const numberNames = Object.keys(numbers) as NumberName[];
/** Those of the first minute stand for a longer time: they are the same players, minute after minute. */
const ofFirstMinute: readonly NumberName[] = ['carried', 'carriedReporters'];

const histograms = { startups: startupBuckets.length + 1, latencies: latencyBuckets.length + 1 } as const;
type HistogramName = keyof typeof histograms;
const histogramNames = Object.keys(histograms) as HistogramName[];

const commas = (parts: readonly RawBuilder<unknown>[]): RawBuilder<unknown> => sql.join(parts);

/** An array of the same length, of what is computed for each place. */
function eachPlace(
  name: HistogramName,
  compute: (place: RawBuilder<unknown>) => RawBuilder<unknown>,
): RawBuilder<unknown> {
  const places = Array.from({ length: histograms[name] }, (_, index) => sql`[${sql.lit(index + 1)}]`);
  return sql`array[${commas(places.map(compute))}]`;
}

/**
 * Adds the rows of a batch to what other replicas have added, in one transaction. Nothing happens if the replica has added
 * this batch before, or a later one.
 */
export async function addQoe(place: DatabaseLayout, batch: QoeBatch): Promise<void> {
  await place.db.transaction().execute(async (db) => {
    const within = { ...place, db };
    if (!(await beginBatch(within, batch))) return;
    // Sorted, so that statements of two replicas cannot deadlock. A key may occur once.
    const sorted = batch.rows.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    await writeRows(within, sorted, {
      table: 'livechannel_qoe_minutes',
      name: ({ channelId }) => keyText({ namespace: batch.namespace, channelId }),
      write: (_, some) => addTo(within, batch.namespace, some),
    });
  });
}

/** Whether the batch is new. Another call with the same replica waits until this one has ended. */
async function beginBatch(place: DatabaseLayout, { namespace, replica, batch }: QoeBatch): Promise<boolean> {
  const { rows } = await sql`
    insert into ${table(place, 'livechannel_qoe_replicas')} as old (namespace, replica, batch, at)
    values (${namespace}, ${replica}, ${batch}, now())
    on conflict (namespace, replica) do update set batch = excluded.batch, at = excluded.at
    where old.batch < excluded.batch
    returning batch`.execute(place.db);
  return rows.length > 0;
}

async function addTo(place: DatabaseLayout, namespace: string, rows: readonly QoeRow[]): Promise<void> {
  const column = <T>(pick: (row: QoeRow) => T): T[] => rows.map(pick);
  await sql`
    insert into ${table(place, 'livechannel_qoe_minutes')} as old
      (namespace, channel_id, minute, platform, browser, startups, latencies,
        ${commas(numberNames.map((name) => sql.ref(numbers[name])))})
    select ${namespace}, channel_id, minute, platform, browser,
      ${commas(histogramNames.map((name) => sql`${sql.ref(name)}::double precision[]`))},
      ${commas(numberNames.map((name) => sql.ref(numbers[name])))}
    from unnest(${column(({ channelId }) => channelId)}::text[],
      ${column(({ at }) => at.toISOString())}::timestamptz[],
      ${column(({ platform }) => platform ?? '')}::text[], ${column(({ browser }) => browser)}::text[],
      ${commas(histogramNames.map((name) => sql`${column((row) => `{${row.sums[name].join()}}`)}::text[]`))},
      ${commas(numberNames.map((name) => sql`${column((row) => row.sums[name])}::double precision[]`))})
      as row (channel_id, minute, platform, browser, startups, latencies,
        ${commas(numberNames.map((name) => sql.ref(numbers[name])))})
    on conflict (namespace, channel_id, minute, platform, browser) do update set
      ${commas([
        ...histogramNames.map(
          (name) =>
            sql`${sql.ref(name)} = ${eachPlace(name, (at) => sql`old.${sql.ref(name)}${at} + excluded.${sql.ref(name)}${at}`)}`,
        ),
        ...numberNames.map((name) => {
          const it = sql.ref(numbers[name]);
          return sql`${it} = old.${it} + excluded.${it}`;
        }),
      ])}`.execute(place.db);
}

const keyOf = ({ channelId, at, platform = '', browser }: QoeRow): string =>
  JSON.stringify([channelId, at.getTime(), platform, browser]);

/** Sums by step, platform and browser, oldest first, and the last batch of the replica that they contain. */
export async function qoe(
  place: DatabaseLayout,
  { namespace, channelId, from, to, stepSeconds, replica }: QoeQuery,
): Promise<{ readonly rows: readonly QoeRow[]; readonly batch: number }> {
  const sums = commas([
    ...histogramNames.map(
      (name) => sql`${eachPlace(name, (at) => sql`sum(${sql.ref(name)}${at})`)} as ${sql.ref(name)}`,
    ),
    ...numberNames.map((name) => {
      const column = sql.ref(numbers[name]);
      return ofFirstMinute.includes(name)
        ? sql`(array_agg(${column} order by "timestamp"))[1] as ${sql.ref(name)}`
        : sql`sum(${column}) as ${sql.ref(name)}`;
    }),
  ]);
  // One statement, so that the batch is that of the rows.
  const { rows } = await sql<
    QoeSums & { step: Date | null; platform: string; browser: string; batch: number }
  >`
    select coalesce(last.batch, 0) as batch, minutes.* from (select 1) as always
    left join (select batch from ${table(place, 'livechannel_qoe_replicas')}
      where namespace = ${namespace} and replica = ${replica}) as last on true
    left join (select ${bin(stepSeconds)} as step, platform, browser, ${sums}
      from (select *, minute as "timestamp" from ${table(place, 'livechannel_qoe_minutes')}
        where namespace = ${namespace} and channel_id = ${channelId} and minute >= ${from} and minute < ${to})
        as minutes
      group by step, platform, browser) as minutes on true
    order by step, platform, browser`.execute(place.db);
  return {
    batch: rows[0]?.batch ?? 0,
    rows: rows.flatMap(({ step, platform, browser, batch: _, ...each }) =>
      step === null
        ? []
        : [{ channelId, at: step, platform: platform === '' ? undefined : platform, browser, sums: each }],
    ),
  };
}

/** How long a count holds that its replica does not repeat; replicas write every 10 s. */
const PLAYERS_VALID = sql`interval '35 seconds'`;

/**
 * Writes the replica's numbers of players, and returns the sums of all other replicas. Ages are by the database's clock,
 * because those of the replicas differ.
 */
export async function exchangeQoePlayers(
  place: DatabaseLayout,
  namespace: string,
  replica: string,
  own: readonly Omit<QoePlayers, 'ageSeconds'>[],
): Promise<QoePlayers[]> {
  const players = table(place, 'livechannel_qoe_players');
  const sorted = [...own].sort((a, b) => (a.channelId < b.channelId ? -1 : 1));
  await writeRows(place, sorted, {
    table: 'livechannel_qoe_players',
    name: ({ channelId }) => keyText({ namespace, channelId }),
    write: async ({ db }, some) => {
      await sql`
        insert into ${players} (namespace, channel_id, replica, at, connected, watching)
        select ${namespace}, channel_id, ${replica}, now(), connected, watching from unnest(
          ${some.map(({ channelId }) => channelId)}::text[],
          ${some.map(({ connected }) => connected)}::double precision[],
          ${some.map(({ watching }) => watching)}::double precision[]) as row (channel_id, connected, watching)
        on conflict (namespace, channel_id, replica) do update set
          at = excluded.at, connected = excluded.connected, watching = excluded.watching`.execute(db);
    },
  });
  const { rows } = await sql<QoePlayers>`
    select channel_id as "channelId", sum(connected) as connected, sum(watching) as watching,
      extract(epoch from now() - min(at))::double precision as "ageSeconds"
    from ${players}
    where namespace = ${namespace} and replica <> ${replica} and at > now() - ${PLAYERS_VALID}
    group by channel_id`.execute(place.db);
  return rows;
}
