import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const checkout = resolve(import.meta.dirname, '../../..');

/** A package of this project, as hack/npm-package names it. */
type PackageName = 'client' | 'player';

/**
 * Packs a package into the folder, as `make client-package` does. In a process of its own: the bundler of the types does
 * not work in jest's realms.
 */
export async function packed(name: PackageName, folder: string): Promise<string> {
  const program = 'hack/npm-package/main.ts';
  const { code, text } = await outcomeOf(process.execPath, [program, name, folder], checkout);
  if (code !== 0) throw new Error(text);
  return text.trim();
}

/** How a program ended. */
export interface Outcome {
  readonly code: unknown;
  readonly text: string;
}

export interface AppOptions {
  /** Default: client. */
  readonly package?: PackageName;
  /** The packed package. Default: it is packed first. */
  readonly tarball?: string;
  /** To install beside it, as `npm install` takes them. */
  readonly packages?: readonly string[];
  /** How npm lays out node_modules: linked is strict like pnpm's. Default: hoisted. */
  readonly strategy?: 'hoisted' | 'linked';
  readonly scripts?: Readonly<Record<string, string>>;
}

/** A new app in an empty folder, into which npm has installed the tarball of a package of this project. */
export class InstalledApp implements AsyncDisposable {
  readonly folder: string;
  /** The tarball that was installed. */
  readonly tarball: string;

  private constructor(folder: string, tarball: string) {
    this.folder = folder;
    this.tarball = tarball;
  }

  static async create(options: AppOptions = {}): Promise<InstalledApp> {
    const folder = await mkdtemp(join(tmpdir(), 'livechannel-app-'));
    const { package: name = 'client', tarball = await packed(name, join(folder, 'packed')) } = options;
    const app = new InstalledApp(folder, tarball);
    try {
      const { packages = [], strategy = 'hoisted', scripts = {} } = options;
      await app.write(
        'package.json',
        JSON.stringify({ name: 'shop', private: true, type: 'module', scripts }),
      );
      await app.npm('install', `--install-strategy=${strategy}`, app.tarball, ...packages);
      return app;
    } catch (error) {
      await app[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A copy of an app of this checkout that depends on both packages. `omitDev`: without what builds its pages. */
  static async ofExample(path: string, { omitDev = false } = {}): Promise<InstalledApp> {
    const folder = await mkdtemp(join(tmpdir(), 'livechannel-app-'));
    const tarballs = join(folder, 'packed');
    const app = new InstalledApp(folder, await packed('client', tarballs));
    try {
      const player = await packed('player', tarballs);
      const filter = (source: string): boolean => !/\/(?:node_modules|dist)$/.test(source);
      await cp(join(checkout, path), folder, { recursive: true, filter });
      // In place of the registry's, which may not have this version yet.
      await app.npm('install', '--no-save', ...(omitDev ? ['--omit=dev'] : []), app.tarball, player);
      return app;
    } catch (error) {
      await app[Symbol.asyncDispose]();
      throw error;
    }
  }

  async write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true });
    await writeFile(join(this.folder, path), text);
  }

  read(path: string): Promise<string> {
    return readFile(join(this.folder, path), 'utf8');
  }

  /** Runs npm in the app, and throws if it fails. Packages that were installed before come from npm's cache. */
  async npm(...args: readonly string[]): Promise<string> {
    const options = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    const { code, text } = await outcomeOf('npm', [...args, ...options], this.folder);
    if (code !== 0) throw new Error(`npm ${args.join(' ')}: ${text}`);
    return text;
  }

  /** Writes a program and runs it. Default: with this process's Node. */
  async run(name: string, program: string, node = process.execPath): Promise<Outcome> {
    await this.write(name, program);
    return outcomeOf(node, [name], this.folder);
  }

  /** Runs a script of its package.json. */
  runScript(name: string): Promise<Outcome> {
    return outcomeOf('npm', ['run', name], this.folder);
  }

  /** Starts a program that goes on running; the caller ends it. */
  start(script: string, environment: Readonly<Record<string, string>> = {}): ChildProcess {
    return spawn(process.execPath, [script], {
      cwd: this.folder,
      env: { PATH: process.env['PATH'], ...environment },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  }

  /** What tsc of this checkout says to these files, under an app's strict settings. */
  async compile(files: Readonly<Record<string, string>>, options: object = {}): Promise<Outcome> {
    for (const [path, text] of Object.entries(files)) await this.write(path, text);
    const compilerOptions = {
      ...{ strict: true, noEmit: true, target: 'es2022', types: [] },
      ...{ lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable'] },
      ...{ module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: false },
      ...options,
    };
    await this.write('tsconfig.json', JSON.stringify({ compilerOptions, files: Object.keys(files) }));
    return outcomeOf(
      process.execPath,
      [join(checkout, 'node_modules/typescript/bin/tsc'), '-p', '.'],
      this.folder,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Ends a program that `start` started. */
export async function end(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  program.kill('SIGKILL');
  await once(program, 'exit');
}

export function outcomeOf(program: string, args: readonly string[], cwd: string): Promise<Outcome> {
  const { promise, resolve: done } = Promise.withResolvers<Outcome>();
  const options = { cwd, timeout: 300_000, maxBuffer: 16 * 1024 * 1024 };
  execFile(program, args, options, (error, stdout, stderr) => {
    done({ code: error === null ? 0 : (error.code ?? error.signal), text: stdout + stderr });
  });
  return promise;
}
