import { describe, expect, test } from '@jest/globals';
import { judge } from '../../../../src/store/app/app-metrics.ts';
import type { AppColumn } from '../../../../src/store/app/columns.ts';
import { describeAppMetrics } from '../../../../src/store/app/describe-metrics.ts';

const column = (name: string, type: string, part: Partial<AppColumn> = {}): AppColumn => ({
  ...{ name, type, category: 'other', most: undefined, labels: [] },
  ...{ notNull: false, hasDefault: false, computed: false },
  ...part,
});
/** The table of the specification, with some columns replaced; null: without that column. */
function table(changes: Readonly<Record<string, AppColumn | null>> = {}): Map<string, AppColumn> {
  const specified = [
    column('id', 'integer', { notNull: true, hasDefault: true }),
    column('channel_id', 'integer'),
    column('timestamp', 'timestamp without time zone', { category: 'timestamp', hasDefault: true }),
    column('agora_viewers', 'integer', { hasDefault: true }),
    column('hls_viewers', 'integer', { hasDefault: true }),
    column('bitrate_kbps', 'integer'),
    column('relay_health', 'character varying(20)', { category: 'text', most: 20 }),
    column('created_at', 'timestamp without time zone', { category: 'timestamp', hasDefault: true }),
  ];
  const all = new Map<string, AppColumn | null>([
    ...specified.map((one) => [one.name, one] as const),
    ...Object.entries(changes),
  ]);
  return new Map([...all].flatMap(([name, one]) => (one === null ? [] : [[name, one] as const])));
}

describe("an app's table of metrics", () => {
  test.each<[string, Record<string, AppColumn>]>([
    ['as specified', {}],
    ['with a further column that may be null', { note: column('note', 'text') }],
    [
      'with a further column that has a default',
      { source: column('source', 'text', { notNull: true, hasDefault: true }) },
    ],
    [
      'with a further column that is computed',
      { total: column('total', 'integer', { notNull: true, computed: true }) },
    ],
    ['with numbers of 64 bits', { hls_viewers: column('hls_viewers', 'bigint') }],
    [
      'with an identity column',
      { id: column('id', 'bigint', { notNull: true, hasDefault: true, computed: true }) },
    ],
    ['with IDs as text', { channel_id: column('channel_id', 'character varying(40)') }],
    [
      'with an enum of the healths',
      {
        relay_health: column('relay_health', 'health', {
          category: 'enum',
          labels: ['poor', 'fair', 'good', 'none'],
        }),
      },
    ],
  ])('%s is filled', (_, changes) => {
    expect(judge('shop', table(changes), 'integer')).toMatchObject({
      kind: 'usable',
      table: { schema: 'shop' },
    });
  });

  test.each<[string, Record<string, AppColumn | null>, string]>([
    ['lacks a column', { created_at: null }, 'column created_at is missing'],
    [
      'has small numbers',
      { bitrate_kbps: column('bitrate_kbps', 'smallint') },
      'column bitrate_kbps is of type smallint, and must be integer',
    ],
    [
      'has IDs of another type',
      { channel_id: column('channel_id', 'jsonb') },
      'column channel_id is of type jsonb, and must be of the type of channels.id, integer',
    ],
    [
      'has a computed number',
      { hls_viewers: column('hls_viewers', 'integer', { computed: true }) },
      'column hls_viewers is computed by the database and cannot be written',
    ],
    [
      'has an enum without a health',
      { relay_health: column('relay_health', 'health', { category: 'enum', labels: ['good'] }) },
      'column relay_health is of the enum type health, which lacks fair, poor',
    ],
    [
      'has a required column',
      { show: column('show', 'text', { notNull: true }) },
      'column show is NOT NULL and has no default',
    ],
  ])('that %s is left alone, and the message says what to do', (_, changes, problem) => {
    const state = judge('shop', table(changes), 'integer');
    expect(state).toEqual({ kind: 'unusable', schema: 'shop', problems: [problem] });
    const message = describeAppMetrics(state, 'livechannel');
    expect(message).toContain(problem);
    expect(message).toContain('`livechannel migrate --sql`');
    expect(message).toContain('livechannel.stream_metrics');
  });
});
