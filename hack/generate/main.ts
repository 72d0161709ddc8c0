import { alertsReference } from './alerts-reference.ts';
import { apiReference } from './api-reference.ts';
import { channelStates } from './channel-states.ts';
import { chartFiles } from './chart.ts';
import { crdFiles } from './crds.ts';
import { diagramFiles } from './diagrams.ts';
import { staleFiles, writeGenerated } from './generated-files.ts';
import { installManifest, installManifestPath } from './install-manifest.ts';
import { lineDiff } from './line-diff.ts';
import { openApiDocument } from './openapi.ts';
import { metricsReference } from './metrics-reference.ts';
import { problemsReference } from './problems-reference.ts';
import { reasonsReference } from './reasons-reference.ts';
import { restPage } from './rest-page.ts';
import { settingsReference } from './settings-reference.ts';
import { textsReference } from './texts-reference.ts';
import { timingsReference } from './timings-reference.ts';

/**
 * `node hack/generate/main.ts [--check]`: writes every generated file. With --check, it changes nothing and fails with
 * a diff if a file is stale. The manifest for kubectl is rendered by helm, which takes minutes to build the first time;
 * a test of the chart checks it instead.
 */
const root = new URL('../..', import.meta.url).pathname;
const files = new Map([
  ...crdFiles(),
  ...(await chartFiles(root)),
  ...(await diagramFiles(root)),
  ...(await restPage(root)),
  ['docs/reference/api.md', apiReference()],
  ['docs/reference/reasons.md', reasonsReference()],
  ['docs/reference/alerts.md', alertsReference()],
  ['docs/reference/channel-states.md', channelStates()],
  ['docs/reference/settings.md', settingsReference()],
  ['docs/reference/timings.md', timingsReference()],
  ['docs/reference/texts.md', textsReference()],
  ['docs/reference/metrics.md', await metricsReference()],
  ['docs/reference/problems.md', problemsReference()],
  ['docs/reference/openapi.json', await openApiDocument()],
]);

if (process.argv.includes('--check')) {
  const stale = await staleFiles(root, files);
  for (const { path, present, wanted } of stale) {
    process.stderr.write(`--- ${path}\n+++ ${path} (generated)\n${lineDiff(present ?? '', wanted)}\n`);
  }
  if (stale.length > 0) {
    process.stderr.write(
      `${stale.length} of ${files.size} generated files are stale: run "make generate" and commit them\n`,
    );
    process.exitCode = 1;
  }
} else {
  await writeGenerated(root, files);
  await writeGenerated(root, new Map([[installManifestPath, await installManifest(root)]]));
  process.stdout.write(`wrote ${files.size + 1} files\n`);
}
