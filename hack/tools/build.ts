import { execFile } from 'node:child_process';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { type Binary, findTool, type Tool, type ToolName } from './catalog.ts';
import type { Folders } from './folders.ts';
import { findGo, type Go } from './go-toolchain.ts';
import { withLock } from './lock.ts';
import type { Report } from './report.ts';

const run = promisify(execFile);
const heartbeatMs = 30_000;

/** Where a tool's programs are once built: CACHE/tools/NAME-VERSION. */
export function toolFolder(folders: Folders, tool: Tool): string {
  return join(folders.cache, 'tools', `${tool.name}-${tool.version}`);
}

/**
 * Makes sure that a tool is built, and returns the path of one of its programs (by default the one with the tool's
 * name).
 */
export async function ensureTool(
  folders: Folders,
  name: ToolName,
  report: Report,
  binary: string = name,
): Promise<string> {
  const tool = findTool(name);
  if (!tool.binaries.some((candidate) => candidate.name === binary)) {
    throw new Error(
      `${name} has no program "${binary}"; it has: ${tool.binaries.map((known) => known.name).join(', ')}`,
    );
  }
  await ensureBuilt(folders, tool, report);
  return join(toolFolder(folders, tool), binary);
}

/**
 * Builds a tool unless it is in the cache. Safe to call from several processes at once: one builds, the others wait,
 * and none sees a partially built folder.
 */
export async function ensureBuilt(folders: Folders, tool: Tool, report: Report): Promise<void> {
  const folder = toolFolder(folders, tool);
  if (await exists(folder)) return;
  const label = `${tool.name} ${tool.version}`;
  await withLock(
    `${folder}.lock`,
    async () => {
      if (await exists(folder)) return;
      const go = await findGo(folders, report);
      const started = performance.now();
      const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;
      report(`tools: building ${label} (about ${estimate(tool.minutes)} the first time)`);
      const heartbeat = setInterval(() => {
        report(`tools: still building ${label}, ${seconds()}`);
      }, heartbeatMs);
      try {
        await build(go, tool, `${folder}.partial`);
      } finally {
        clearInterval(heartbeat);
      }
      await rename(`${folder}.partial`, folder);
      report(`tools: built ${label} in ${seconds()}`);
    },
    () => {
      report(`tools: waiting for another build of ${label}`);
    },
  );
}

async function build(go: Go, tool: Tool, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const flags = ['-trimpath', '-ldflags', `-s -w ${tool.ldflags ?? ''}`.trim()];
  const packages = tool.binaries.map((binary) => binary.package);
  const installed = packages.map((path) => `${path}@v${tool.version}`);
  const [command, directory] =
    tool.source === 'module'
      ? [
          ['build', '-mod=readonly', ...flags, '-o', `${folder}/`, ...packages],
          join(import.meta.dirname, tool.name),
        ]
      : [['install', ...flags, ...installed], folder];
  const environment = { ...process.env, ...go.environment, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false' };
  try {
    await run(go.path, command, {
      cwd: directory,
      env: { ...environment, ...(tool.source === 'install' && { GOBIN: folder }) },
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (cause) {
    throw new Error(
      `building ${tool.name} ${tool.version} failed. It needs the Go module proxy (GOPROXY) and about 4 GB of disk: ${outputOf(cause)}`,
      { cause },
    );
  }
  for (const binary of tool.binaries) {
    if (nameGivenByGo(binary) !== binary.name) {
      await rename(join(folder, nameGivenByGo(binary)), join(folder, binary.name));
    }
  }
}

/** The name that "go build" chooses for a program: the last part of its package's path that is not a major version. */
function nameGivenByGo(binary: Binary): string {
  return basename(binary.package.replace(/\/v\d+$/, ''));
}

function estimate(minutes: number): string {
  return minutes < 1 ? `${String(Math.round(minutes * 60))} s` : `${String(minutes)} min`;
}

function outputOf(cause: unknown): string {
  const stderr = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
  return stderr.trim().split('\n').slice(-20).join('\n');
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
