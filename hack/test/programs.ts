import { spawn } from 'node:child_process';
import { errorMessage } from '../../src/base/error-text.ts';
import { ensureDebianPackages, type Requirement } from '../system/debian-packages.ts';
import { ensureBuilt } from '../tools/build.ts';
import { findTool, type ToolName } from '../tools/catalog.ts';
import { foldersFrom } from '../tools/folders.ts';
import type { Report } from '../tools/report.ts';

/** A program that a suite or a benchmark runs on this machine itself, outside of any container. */
interface Program {
  readonly packages?: readonly Requirement[];
  /** Built from source into the cache. */
  readonly tools?: readonly ToolName[];
  /** A target of the Makefile that builds it; quick if nothing has changed. */
  readonly target?: 'build' | 'images';
}

const openssl: Requirement = { file: 'openssl', debianPackage: 'openssl' };

/** Everything that suites and benchmarks may need, by the name that they request it by. */
export const programs = {
  ffmpeg: {
    packages: [
      { file: 'ffmpeg', debianPackage: 'ffmpeg' },
      { file: 'ffprobe', debianPackage: 'ffmpeg' },
    ],
  },
  chromium: {
    packages: [
      {
        file: '/usr/lib/chromium/chromium-headless-shell',
        debianPackage: 'chromium-headless-shell',
      },
    ],
  },
  /** Firefox, and WebKit on a virtual screen. They decode with the codecs of FFmpeg and GStreamer. */
  otherBrowsers: {
    packages: [
      { file: '/usr/bin/firefox-esr', debianPackage: 'firefox-esr' },
      { file: 'ffmpeg', debianPackage: 'ffmpeg' },
      { file: 'WebKitWebDriver', debianPackage: 'webkit2gtk-driver' },
      { file: 'Xvfb', debianPackage: 'xvfb' },
      ...['base', 'good', 'bad'].map((set): Requirement => {
        const debianPackage = `gstreamer1.0-plugins-${set}`;
        return { file: debianPackage, debianPackage, probe: ['dpkg', '-s', debianPackage] };
      }),
      {
        file: 'gstreamer1.0-libav',
        debianPackage: 'gstreamer1.0-libav',
        probe: ['dpkg', '-s', 'gstreamer1.0-libav'],
      },
    ],
  },
  /** An RTMPS ingest. */
  ingest: {
    packages: [
      openssl,
      { file: 'nginx', debianPackage: 'nginx-light' },
      { file: '/usr/lib/nginx/modules/ngx_rtmp_module.so', debianPackage: 'libnginx-mod-rtmp' },
      { file: '/usr/lib/nginx/modules/ngx_stream_module.so', debianPackage: 'libnginx-mod-stream' },
    ],
  },
  /** A browser with a (virtual) screen and sound. */
  screen: {
    packages: [
      { file: 'Xvfb', debianPackage: 'xvfb' },
      { file: 'pulseaudio', debianPackage: 'pulseaudio' },
      { file: '/usr/lib/chromium/chromium', debianPackage: 'chromium' },
    ],
  },
  postgres: {
    packages: [
      { file: '/usr/lib/postgresql/15/bin/initdb', debianPackage: 'postgresql-15' },
      { file: 'setpriv', debianPackage: 'util-linux' },
    ],
  },
  /** kube-apiserver with etcd. */
  apiServer: {
    packages: [openssl, { file: 'setpriv', debianPackage: 'util-linux' }],
    tools: ['kubernetes', 'etcd'],
  },
  helm: { tools: ['helm'] },
  toxiproxy: { tools: ['toxiproxy'] },
  probe: { tools: ['probe'] },
  /** For schemathesis, which is installed from PyPI. */
  python: {
    packages: [
      {
        file: 'python3 with venv',
        debianPackage: 'python3-venv',
        probe: ['python3', '-c', 'import ensurepip, venv'],
      },
    ],
  },
  /** dist/: the operator's program, the relay's page, the demo. */
  build: { target: 'build' },
  images: { target: 'images' },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof programs;

/**
 * Installs and builds what is missing of these, before anything is started: packages by apt, Go programs into the
 * cache. Fails with what could not be installed, and how to install it by hand. `purpose` is who needs it, as users
 * know it, e.g. `make bench-relay`.
 */
export async function ensurePrograms(
  purpose: string,
  names: readonly ProgramName[],
  report: Report,
): Promise<void> {
  const needed = names.map((name): Program => programs[name]);
  await ensureDebianPackages(
    purpose,
    needed.flatMap(({ packages = [] }) => packages),
    report,
  );
  const folders = foldersFrom(process.env);
  // Compiling and fetching run concurrently.
  const tools = async (): Promise<void> => {
    for (const tool of new Set(needed.flatMap((each) => each.tools ?? [])))
      await ensureBuilt(folders, findTool(tool), report);
  };
  const targets = async (): Promise<void> => {
    for (const target of new Set(needed.flatMap((each) => each.target ?? [])))
      await make(target, folders.checkout);
  };
  const [failed] = (await Promise.allSettled([tools(), targets()])).filter(
    (each) => each.status === 'rejected',
  );
  if (failed !== undefined)
    throw new Error(`${purpose}: ${errorMessage(failed.reason)}`, { cause: failed.reason });
}

function make(target: string, checkout: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('make', ['--no-print-directory', '-C', checkout, target], {
      stdio: ['ignore', 'inherit', 'inherit'],
      cwd: checkout,
    });
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`make ${target} failed (${String(code)}); its output is above`));
    });
  });
}
