import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensureDebianPackages } from '../system/debian-packages.ts';
import type { Report } from './report.ts';
import type { Folders } from './folders.ts';
import { withLock } from './lock.ts';
import { extractZip } from './zip.ts';

const run = promisify(execFile);

/** The version of Go that everything is built with. A newer one on the machine is used instead. */
// renovate: datasource=golang-version depName=go
const goVersion = '1.26.8';

/** SHA-256 of golang.org/toolchain's zip files, by Node's name of the processor. */
const toolchains: Readonly<Record<string, { readonly arch: string; readonly sha256: string } | undefined>> = {
  x64: { arch: 'amd64', sha256: '30c2b1bf7dcc88d3eb0a1364e47ddd9128edb3110a30e8a0ef61cd5856b31de7' },
  arm64: { arch: 'arm64', sha256: '02b36b6787b3ac767668f630e2998df45a3b1f9ffee08d1bf3ef6487cd658d99' },
};

export interface Go {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * The go command: the machine's own if it is new enough. If it is 1.21 or later, it downloads the pinned version by
 * itself (https://go.dev/doc/toolchain). Without one, the pinned version is downloaded from the Go module proxy.
 */
export async function findGo(folders: Folders, report: Report): Promise<Go> {
  const found = await machinesGoVersion();
  if (found !== undefined && atLeast(found, goVersion)) {
    return { path: 'go', environment: { GOTOOLCHAIN: 'local' } };
  }
  if (found !== undefined && atLeast(found, '1.21.0')) {
    return { path: 'go', environment: { GOTOOLCHAIN: `go${goVersion}` } };
  }
  return { path: await fetchGo(folders, report), environment: { GOTOOLCHAIN: 'local' } };
}

async function machinesGoVersion(): Promise<string | undefined> {
  try {
    const { stdout } = await run('go', ['env', 'GOVERSION'], {
      env: { ...process.env, GOTOOLCHAIN: 'local' },
    });
    return /^go(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
  } catch {
    return undefined; // No go, or one that is too old to know GOVERSION: in both cases the pinned one is needed.
  }
}

/** Whether a version of the form 1.26.8 is `wanted` or later. */
export function atLeast(version: string, wanted: string): boolean {
  const left = version.split('.').map(Number);
  const right = wanted.split('.').map(Number);
  for (const [index, part] of right.entries()) {
    const own = left[index] ?? 0;
    if (own !== part) return own > part;
  }
  return true;
}

async function fetchGo(folders: Folders, report: Report): Promise<string> {
  const folder = join(folders.cache, 'tools', `go-${goVersion}`);
  const path = join(folder, 'bin', 'go');
  if (await exists(path)) return path;
  const toolchain = toolchains[process.arch];
  if (process.platform !== 'linux' || toolchain === undefined) {
    throw new Error(
      `there is no Go ${goVersion} or later on this machine (${process.platform} ${process.arch}): install it from https://go.dev/dl`,
    );
  }
  await withLock(`${folder}.lock`, async () => {
    if (await exists(path)) return;
    report(`tools: fetching Go ${goVersion} from the module proxy (72 MB)`);
    const version = `v0.0.1-go${goVersion}.linux-${toolchain.arch}`;
    const zip = await download(`golang.org/toolchain/@v/${version}.zip`);
    const sha256 = createHash('sha256').update(zip).digest('hex');
    if (sha256 !== toolchain.sha256) {
      throw new Error(
        `golang.org/toolchain ${version} has SHA-256 ${sha256} instead of ${toolchain.sha256}: not used`,
      );
    }
    const partial = `${folder}.partial`;
    await rm(partial, { recursive: true, force: true });
    // A module's zip contains no file modes: the files that Go makes executable after unpacking are listed here.
    await extractZip(
      zip,
      partial,
      `golang.org/toolchain@${version}/`,
      (name) => name.startsWith('bin/') || name.startsWith('pkg/tool/'),
    );
    await rename(partial, folder);
  });
  return path;
}

/** Downloads from the first proxy that is a URL, as the go command would. */
async function download(path: string): Promise<Buffer> {
  const proxy = (await moduleProxies()).split(/[,|]/).find((each) => each.startsWith('http'));
  const help = `set GOPROXY to a Go module proxy that has golang.org/toolchain, or install Go ${goVersion}`;
  if (proxy === undefined)
    throw new Error(`there is no Go on this machine that could report its module proxy: ${help}`);
  const url = `${proxy.replace(/\/$/, '')}/${path}`;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${String(response.status)}: ${help}`);
  return Buffer.from(await response.arrayBuffer());
}

/** GOPROXY, or the default of an old go, as distributions package it, if it is not set. */
async function moduleProxies(): Promise<string> {
  const set = process.env['GOPROXY'] ?? '';
  if (set !== '') return set;
  await ensureDebianPackages(
    'finding the Go module proxy',
    [{ file: 'go', debianPackage: 'golang-go' }],
    () => undefined,
  );
  const { stdout } = await run('go', ['env', 'GOPROXY']);
  return stdout.trim();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
