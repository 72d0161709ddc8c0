import { chartFiles } from './chart.ts';
import { crdFiles } from './crds.ts';
import { staleFiles, writeGenerated } from './generated-files.ts';
import { lineDiff } from './line-diff.ts';

/**
 * `node hack/generate/main.ts [--check]`: writes every generated file, or, with --check, changes nothing and ends
 * with a diff when one of them is not what its sources give now.
 */
const root = new URL('../..', import.meta.url).pathname;
const files = new Map([...crdFiles(), ...(await chartFiles(root))]);

if (process.argv.includes('--check')) {
  const stale = await staleFiles(root, files);
  for (const { path, present, wanted } of stale) {
    process.stderr.write(`--- ${path}\n+++ ${path} (generated)\n${lineDiff(present ?? '', wanted)}\n`);
  }
  if (stale.length > 0) {
    process.stderr.write(
      `${stale.length} of ${files.size} generated files are stale: run "make generate" and commit\n`,
    );
    process.exitCode = 1;
  }
} else {
  await writeGenerated(root, files);
  process.stdout.write(`wrote ${files.size} files\n`);
}
