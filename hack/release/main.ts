/**
 * node hack/release/main.ts VERSION: commits and tags a release in this clone. See `usage`.
 *
 * plan-release.ts decides; this file reads, writes and runs programs.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { errorMessage } from '../../src/base/error-text.ts';
import { npmPackages, pack } from '../build/pack.ts';
import { foldersFrom } from '../tools/folders.ts';
import { billOfMaterials } from './bill-of-materials.ts';
import { planRelease, releaseFiles, type ReleasePlan, type Repository } from './plan-release.ts';

const usage = `make release VERSION=x.y.z [DRY_RUN=1]

Commits and tags a release in this clone; nothing is pushed.

  1. Moves [Unreleased] in CHANGELOG.md and Unreleased in UPGRADING.md to the version.
  2. Sets the version in package.json, package-lock.json and Chart.yaml, and regenerates the generated files.
  3. Writes the release notes, a software bill of materials (CycloneDX) and the tarballs of @livechannel/client and
     @livechannel/react to .local/release/vx.y.z/.
  4. Commits "chore(release): vx.y.z" and creates the annotated tag vx.y.z.

Refuses when the working tree is dirty, the tag exists, the version is not higher than the last one, or CHANGELOG.md
has nothing under [Unreleased].

  DRY_RUN=1   Print what would change, and change nothing.
`;

const run = promisify(execFile);
const folders = foldersFrom(process.env);
const root = folders.checkout;
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function git(...args: readonly string[]): Promise<string> {
  return (await run('git', args, { cwd: root })).stdout;
}

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

async function observe(): Promise<Repository> {
  const files = Object.values(releaseFiles).map(async (path): Promise<[string, string]> => [
    path,
    await readFile(join(root, path), 'utf8'),
  ]);
  return {
    changes: lines(await git('status', '--porcelain')).map((line) => line.slice(3)),
    tags: lines(await git('tag', '--list')),
    files: new Map(await Promise.all(files)),
  };
}

async function release(plan: ReleasePlan): Promise<void> {
  for (const [path, text] of plan.edits) await writeFile(join(root, path), text);
  try {
    await run(process.execPath, ['hack/generate/main.ts'], { cwd: root });
    const artifacts = join(folders.local, 'release', plan.tag);
    await mkdir(artifacts, { recursive: true });
    await writeFile(join(artifacts, 'notes.md'), plan.notes);
    await writeFile(join(artifacts, 'sbom.cdx.json'), await bill());
    const tarballs = await Promise.all(npmPackages.map((name) => pack(name, root, artifacts)));
    await git('add', '--all');
    await git('commit', '--quiet', '--message', plan.commitMessage);
    await git('tag', '--annotate', plan.tag, '--cleanup=verbatim', '--message', plan.notes);
    say(
      `Committed and tagged ${plan.tag}. Release notes, sbom.cdx.json and the npm packages are in ${artifacts}.`,
    );
    say(`Publish it with: git push --atomic origin HEAD ${plan.tag}`);
    say(`and the npm packages with: ${tarballs.map((tarball) => `npm publish ${tarball}`).join('; ')}`);
  } catch (error) {
    say('The release was not completed. To undo its changes: git reset --hard HEAD');
    throw error;
  }
}

async function bill(): Promise<string> {
  // From the lock file: the packages of other platforms are not installed on this machine.
  const { stdout } = await run('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  return billOfMaterials(stdout, await readFile(join(root, releaseFiles.package), 'utf8'));
}

function printPlan(plan: ReleasePlan): void {
  say(`Would commit "${plan.commitMessage}" and create tag ${plan.tag}, changing:`);
  for (const path of plan.edits.keys()) say(`  ${path}`);
  say(`\nRelease notes:\n\n${plan.notes}`);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' }, 'dry-run': { type: 'boolean' } },
});
const dryRun = values['dry-run'] === true || (process.env['DRY_RUN'] ?? '') !== '';
try {
  const [version = ''] = positionals;
  if (values.help === true) say(usage);
  else if (version === '' || positionals.length > 1) throw new Error(`No version is given.\n\n${usage}`);
  else {
    const plan = planRelease(await observe(), version, new Date().toISOString().slice(0, 10));
    if (dryRun) printPlan(plan);
    else await release(plan);
  }
} catch (error) {
  process.stderr.write(`release: ${errorMessage(error)}\n`);
  process.exitCode = 1;
}
