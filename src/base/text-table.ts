/**
 * Formats rows as lines of aligned columns, for people to read: each column is as wide as its widest cell. The first
 * row decides how many columns are aligned.
 */
export function alignedLines(rows: readonly (readonly string[])[], gap = '  '): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(gap)
      .trimEnd(),
  );
}
