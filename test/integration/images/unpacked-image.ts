import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const execute = promisify(execFile);

const manifestSchema = z.array(
  z.object({ Config: z.string(), RepoTags: z.array(z.string()), Layers: z.array(z.string()) }),
);
const configSchema = z.object({
  config: z.object({
    User: z.string(),
    Entrypoint: z.array(z.string()),
    Cmd: z.array(z.string()).nullish(),
    Env: z.array(z.string()),
    Labels: z.record(z.string(), z.string()).default({}),
  }),
});

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

export interface HowToRun {
  /** Files that are first copied into /tmp. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Added to the image's own variables. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly timeoutSeconds?: number;
}

/** An unpacked image archive whose programs run as with a kubelet: as non-root, with a read-only root file system. */
export class UnpackedImage implements AsyncDisposable {
  readonly root: string;
  readonly names: readonly string[];
  readonly config: z.infer<typeof configSchema>['config'];
  readonly #folder: string;

  private constructor(
    folder: string,
    root: string,
    names: readonly string[],
    config: z.infer<typeof configSchema>['config'],
  ) {
    this.#folder = folder;
    this.root = root;
    this.names = names;
    this.config = config;
  }

  static async open(archive: string): Promise<UnpackedImage> {
    const folder = await mkdtemp(join(tmpdir(), 'livechannel-image-'));
    await execute('tar', ['-C', folder, '-xf', archive]);
    const [manifest] = manifestSchema.parse(
      JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8')),
    );
    if (manifest === undefined) throw new Error(`${archive} contains no image`);
    const root = join(folder, 'root');
    await mkdir(root);
    for (const layer of manifest.Layers) await execute('tar', ['-C', root, '-xf', join(folder, layer)]);
    // Mount points of a container runtime.
    for (const mountPoint of ['proc', 'sys', 'dev', 'tmp'])
      await mkdir(join(root, mountPoint), { recursive: true });
    const { config } = configSchema.parse(JSON.parse(await readFile(join(folder, manifest.Config), 'utf8')));
    return new UnpackedImage(folder, root, manifest.RepoTags, config);
  }

  /** Runs a program of the image to its end; FILES (name -> contents) are first written to /tmp. */
  async run(program: readonly string[], how: HowToRun = {}): Promise<Output> {
    return execute('unshare', await this.#isolated(program, how), { maxBuffer: 16 * 1024 * 1024 });
  }

  /**
   * An executable file that starts a program of the image with the image's libraries, for code that expects a path.
   */
  async command(program: string): Promise<string> {
    const file = join(this.#folder, program.replaceAll('/', '-'));
    const start = `exec chroot --userspec=65532:65532 '${this.root}' '${program}' "$@"`;
    await writeFile(file, `#!/bin/sh\n${start}\n`, { mode: 0o755 });
    return file;
  }

  /**
   * Runs a long-running program until its output contains WANTED, and then kills it.
   * @throws with the whole output when it ends earlier
   */
  async runUntil(wanted: RegExp, program: readonly string[], how: HowToRun = {}): Promise<string> {
    const child = spawn('unshare', await this.#isolated(program, how), { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        // --kill-child ends the whole namespace with it.
        if (wanted.test(said)) child.kill('SIGKILL');
      });
    }
    await once(child, 'close');
    if (!wanted.test(said)) throw new Error(`${program.join(' ')} never printed ${String(wanted)}:\n${said}`);
    return said;
  }

  /** Arguments of `unshare`. Needs root on this machine. */
  async #isolated(
    program: readonly string[],
    { files = {}, environment = {}, timeoutSeconds = 30 }: HowToRun,
  ): Promise<string[]> {
    const given = await mkdtemp(join(this.#folder, 'files-'));
    for (const [name, contents] of Object.entries(files)) await writeFile(join(given, name), contents);
    const variables = [
      ...this.config.Env,
      ...Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ];
    const script = `set -e
      root=$1 given=$2; shift 2
      ip link set lo up
      mount --bind "$root" "$root"
      mount -t proc proc "$root/proc"
      mount -t sysfs -o ro sys "$root/sys"
      mount -t tmpfs -o mode=755 dev "$root/dev"
      for device in null zero random urandom; do touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
      mkdir -m 1777 "$root/dev/shm"
      mount -t tmpfs -o mode=1777 tmp "$root/tmp"
      cp -r "$given/." "$root/tmp/"
      mount -o remount,bind,ro "$root"
      exec setpriv --no-new-privs -- \
        env -i ${variables.map((line) => `'${line}'`).join(' ')} HOME=/tmp \
        chroot --userspec=65532:65532 "$root" "$@"`;
    return [
      ...['--mount', '--pid', '--fork', '--kill-child', '--net'],
      ...['timeout', String(timeoutSeconds)],
      ...['sh', '-c', script, 'sh', this.root, given, ...program],
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
