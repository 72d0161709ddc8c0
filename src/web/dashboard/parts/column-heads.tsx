import type { ReactNode } from 'react';

/** The head of a table. */
export function ColumnHeads({ titles }: { readonly titles: readonly string[] }): ReactNode {
  return (
    <thead>
      <tr>
        {titles.map((title) => (
          <th key={title} scope="col">
            {title}
          </th>
        ))}
      </tr>
    </thead>
  );
}
