import { execFile } from 'node:child_process';
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
  }),
});

export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** An image's archive, unpacked, whose programs run as a kubelet would run them: not root, root file system read-only. */
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
    if (manifest === undefined) throw new Error(`${archive} has no image in it`);
    const root = join(folder, 'root');
    await mkdir(root);
    for (const layer of manifest.Layers) await execute('tar', ['-C', root, '-xf', join(folder, layer)]);
    // What a container runtime mounts something on.
    for (const mountPoint of ['proc', 'dev', 'tmp']) await mkdir(join(root, mountPoint), { recursive: true });
    const { config } = configSchema.parse(JSON.parse(await readFile(join(folder, manifest.Config), 'utf8')));
    return new UnpackedImage(folder, root, manifest.RepoTags, config);
  }

  /** Runs a program of the image; FILES (name -> contents) are put into /tmp first. Needs root on this machine. */
  async run(
    program: readonly string[],
    {
      files = {},
      timeoutSeconds = 30,
    }: { files?: Record<string, string | Uint8Array>; timeoutSeconds?: number } = {},
  ): Promise<Output> {
    const given = await mkdtemp(join(this.#folder, 'files-'));
    for (const [name, contents] of Object.entries(files)) await writeFile(join(given, name), contents);
    const script = `set -e
      root=$1 given=$2; shift 2
      mount --bind "$root" "$root"
      mount -t proc proc "$root/proc"
      mount -t tmpfs -o mode=755 dev "$root/dev"
      for device in null zero random urandom; do touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"; done
      mkdir -m 1777 "$root/dev/shm"
      mount -t tmpfs -o mode=1777 tmp "$root/tmp"
      cp -r "$given/." "$root/tmp/"
      mount -o remount,bind,ro "$root"
      exec setpriv --no-new-privs -- \
        env -i ${this.config.Env.map((line) => `'${line}'`).join(' ')} HOME=/tmp \
        chroot --userspec=65532:65532 "$root" "$@"`;
    return execute(
      'unshare',
      [
        ...['--mount', '--pid', '--fork', '--kill-child', '--net'],
        ...['timeout', String(timeoutSeconds)],
        ...['sh', '-c', script, 'sh', this.root, given, ...program],
      ],
      { maxBuffer: 16 * 1024 * 1024 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
