import type { ReactNode } from 'react';
import type { ConnectionView } from '../../core/snapshot.ts';
import { useWords } from '../words-context.ts';

/** The connection in a word, and why it is not good; nothing while it is unknown. */
export function Connection({
  connection,
  explained = false,
}: {
  readonly connection: ConnectionView;
  readonly explained?: boolean;
}): ReactNode {
  const words = useWords();
  const { quality, cause } = connection;
  if (quality === 'unknown') return null;
  const why = cause === undefined ? undefined : words.causes[cause];
  return (
    <span className="lc-connection" data-quality={quality} title={explained ? undefined : why}>
      <span className="lc-dot" aria-hidden="true" />
      <span>
        {words.connection[quality]}
        {explained && why !== undefined && <small>{why}</small>}
      </span>
    </span>
  );
}
