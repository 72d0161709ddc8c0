import { Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { memo, useRef, type ReactNode } from 'react';
import { severityTones } from '../alerts/severity-tones.ts';
import { useWords } from '../app-context.ts';
import { toneOf } from '../channel/channel-state.ts';
import { Figure, Unknown } from '../parts/figure.tsx';
import { ToneMark } from '../parts/tone-mark.tsx';
import { fill } from '../text/words.ts';
import { columnNames, type ChannelRow, type ColumnName } from './channel-rows.ts';

/** As in the style sheet. */
const ROW_PX = 44;
/** Rows above and below the visible ones, for quick scrolling. */
const OVERSCAN = 12;

interface ChannelTableProps {
  readonly rows: readonly ChannelRow[];
  readonly sort: ColumnName;
  readonly descending: boolean;
  readonly onSort: (column: ColumnName) => void;
}

/** A table that renders the rows that can be seen, and says how many there are. */
export function ChannelTable({ rows, sort, descending, onSort }: ChannelTableProps): ReactNode {
  const { texts } = useWords();
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- No compiler memoizes components here.
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  return (
    <div
      ref={scroller}
      className="table"
      role="table"
      aria-label={texts.table.caption}
      aria-rowcount={rows.length + 1}
      aria-colcount={columnNames.length}
    >
      <div role="rowgroup" className="table-head">
        <div role="row" aria-rowindex={1} className="row">
          {columnNames.map((column) => (
            <ColumnHeader
              key={column}
              column={column}
              order={column !== sort ? 'none' : descending ? 'descending' : 'ascending'}
              onSort={onSort}
            />
          ))}
        </div>
      </div>
      <div role="rowgroup" className="table-body" style={{ blockSize: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          return row === undefined ? null : <Row key={key} row={row} index={index} start={start} />;
        })}
      </div>
    </div>
  );
}

interface ColumnHeaderProps {
  readonly column: ColumnName;
  readonly order: 'none' | 'ascending' | 'descending';
  readonly onSort: (column: ColumnName) => void;
}

function ColumnHeader({ column, order, onSort }: ColumnHeaderProps): ReactNode {
  const { texts } = useWords();
  const name = texts.table.columns[column];
  return (
    <div role="columnheader" aria-sort={order} className="cell" data-column={column}>
      <button
        type="button"
        className="sort"
        title={fill(texts.table.sortBy, { column: name })}
        onClick={() => onSort(column)}
      >
        {name}
        <span className="order" aria-hidden="true" data-order={order} />
      </button>
    </div>
  );
}

interface RowProps {
  readonly row: ChannelRow;
  readonly index: number;
  /** Pixels from the first row. */
  readonly start: number;
}

/** Scrolling and sorting move a row; only what has changed in it is rendered again. */
function Row({ row, index, start }: RowProps): ReactNode {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className="row body-row"
      style={{ transform: `translateY(${start}px)` }}
    >
      <Cell column="id">
        <ChannelLink id={row.id} />
      </Cell>
      <RowCells row={row} />
    </div>
  );
}

/** A link computes an address, which is most of the work of a row. */
const ChannelLink = memo(function ChannelLink({ id }: { readonly id: string }): ReactNode {
  return (
    <Link to="/channels/$channelId" params={{ channelId: id }} className="row-link">
      {id}
    </Link>
  );
});

const RowCells = memo(
  function RowCells({ row }: { readonly row: ChannelRow }): ReactNode {
    const { texts, number, count } = useWords();
    return (
      <>
        <Cell column="state">
          <ToneMark tone={toneOf[row.state]}>{texts.states[row.state].name}</ToneMark>
        </Cell>
        <Cell column="mode">{texts.modes[row.mode]}</Cell>
        <Cell column="platform">{row.platform ?? <Unknown />}</Cell>
        <Cell column="hlsViewers">
          <Figure value={row.hlsViewers} />
        </Cell>
        <Cell column="agoraViewers">
          <Figure value={row.agoraViewers} />
        </Cell>
        <Cell column="bitrateKbps">
          <Figure value={row.bitrateKbps} write={(n) => fill(texts.channel.kbps, { n: number(n) })} />
        </Cell>
        <Cell column="health">
          {row.health === null ? (
            <Unknown />
          ) : (
            <ToneMark tone={row.health}>{texts.health[row.health]}</ToneMark>
          )}
        </Cell>
        <Cell column="alerts">
          {row.severity !== undefined && (
            <ToneMark tone={severityTones[row.severity]}>
              <span className="hidden">{count(texts.table.alerts, row.alerts)}</span>
              <span aria-hidden="true">{number(row.alerts)}</span>
            </ToneMark>
          )}
        </Cell>
      </>
    );
  },
  // Each event creates all rows again.
  (before, after) => cellsOf(before.row) === cellsOf(after.row),
);

/** All that the cells show, to compare. */
const cellsOf = ({ text: _searched, ...shown }: ChannelRow): string => Object.values(shown).join('\n');

function Cell({
  column,
  children,
}: {
  readonly column: ColumnName;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div role="cell" className="cell" data-column={column}>
      {children}
    </div>
  );
}
