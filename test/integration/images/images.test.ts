import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { images, type ImageName } from '../../../hack/images/catalog.ts';
import { readImageList } from '../../../hack/images/image-list.ts';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import { SecretText } from '../../../src/base/secret-text.ts';
import { ffmpegArguments } from '../../../src/relay/ingest/ffmpeg.ts';
import { parseIngestTarget } from '../../../src/relay/ingest/ingest-target.ts';
import { encodeSlate } from '../../../src/relay/media/slate.ts';
import { nodeOptions } from '../../support/relay/relay-process.ts';
import { UnpackedImage } from './unpacked-image.ts';

const execute = promisify(execFile);
const folders = foldersFrom(process.env);
// A browser's start may wait for other tests on a small machine.
jest.setTimeout(60_000);

const firstBuildMs = 20 * 60_000;
const tested = images.map(({ name }) => name);
const opened = new Map<string, UnpackedImage>();

function image(name: ImageName): UnpackedImage {
  const found = opened.get(name);
  if (found === undefined) throw new Error(`image ${name} was not built`);
  return found;
}

const machineFfmpeg = process.env['LIVECHANNEL_FFMPEG'] ?? 'ffmpeg';
const quietly = ['-hide_banner', '-loglevel', 'error'];

/** Two seconds of pictures with sound, made by this machine's FFmpeg. */
async function picturesAndSound(
  format: string,
  audioCodec: string,
  encoder: readonly string[] = ['libx264', '-g', '15'],
): Promise<Buffer> {
  const { stdout } = await execute(
    machineFfmpeg,
    [
      ...[...quietly, '-f', 'lavfi', '-i', 'testsrc=size=320x180:rate=15:duration=2'],
      ...['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=2'],
      ...['-pix_fmt', 'yuv420p', '-c:v', ...encoder, '-c:a', audioCodec, '-f', format, 'pipe:1'],
    ],
    { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 },
  );
  return stdout;
}

async function picture(codec: string): Promise<Buffer> {
  const args = ['-f', 'lavfi', '-i', 'testsrc=size=640x360', '-frames:v', '1', '-f', 'image2pipe'];
  return piped(machineFfmpeg, [...quietly, ...args, '-c:v', codec, 'pipe:1'], Buffer.alloc(0));
}

async function piped(program: string, args: readonly string[], input: Uint8Array): Promise<Buffer> {
  const running = execute(program, [...args], { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 });
  running.child.stdin?.end(input);
  return (await running).stdout;
}

/** What this machine's FFmpeg decodes of it, to the end. */
async function contentOf(media: Uint8Array, format: string): Promise<Record<string, string | undefined>> {
  const decoding = execute(machineFfmpeg, [
    '-hide_banner',
    '-xerror',
    '-f',
    format,
    '-i',
    '-',
    '-f',
    'null',
    '-',
  ]);
  decoding.child.stdin?.end(media);
  const { stderr } = await decoding;
  const [, video, size] = /Stream #0.*Video: (\w+ \([\w ]+\)).*?, (\d+x\d+)/.exec(stderr) ?? [];
  return { video, size, audio: /Stream #0.*Audio: (\w+ \(\w+\))/.exec(stderr)?.[1] };
}

/** As the relay asks FFmpeg for a transcode, from a pipe to a pipe. */
function encoderArguments(): string[] {
  const asked = ffmpegArguments({
    target: parseIngestTarget('rtmps://ingest.example.com/live/', new SecretText('key')),
    tunnelPort: 1,
    plan: {
      ...{ mode: 'transcode', width: 160, height: 120, frameRate: 15, videoBitrateKbps: 200 },
      ...{ keyframeSeconds: 1, constantBitrate: true },
    },
    ...{ skipMs: 200, threads: 1 },
  });
  return [...asked.slice(0, asked.indexOf('-fpre')), '-f', 'flv', 'pipe:1'];
}

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'livechannel-images-test-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

async function filesOf(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error('the tests of the images need root (mount namespaces)');
  await execute(process.execPath, [join(folders.checkout, 'hack/images/main.ts'), 'build', ...tested]);
  const list = await readImageList(folders.local);
  for (const name of tested) {
    const built = list[name];
    if (built !== undefined) opened.set(name, await UnpackedImage.open(built.archive));
  }
}, firstBuildMs);

afterAll(async () => {
  for (const unpacked of opened.values()) await unpacked[Symbol.asyncDispose]();
});

describe.each(tested)('the image %s', (name) => {
  test('runs as a user that is not root, with a first process that looks after its children', () => {
    const { config } = image(name);
    expect(config.User).toBe('65532:65532');
    // PostgreSQL, into which its script turns, is made for that; Node is not.
    const first = name === 'postgres' ? ['/etc/postgresql/start.sh'] : ['/usr/bin/tini', '--'];
    expect(config.Entrypoint.slice(0, first.length)).toEqual(first);
  });

  test('has no shell, no package manager and no set-user-id program', async () => {
    const files = await filesOf(image(name).root);
    const programs = files.filter((file) => !file.includes('/var/lib/dpkg/status.d/'));
    const named = programs.filter((file) =>
      /\/(sh|bash|dash|busybox|apt(-get)?|dpkg|perl\d*|python\d*)$/.test(file),
    );
    // initdb runs the server through /bin/sh.
    const needed = name === 'postgres' ? [expect.stringMatching(/\/sh$/)] : [];
    expect(named).toEqual(needed);
    const modes = await Promise.all(files.map(async (file) => ({ file, mode: (await stat(file)).mode })));
    expect(modes.filter(({ mode }) => (mode & 0o6000) !== 0)).toEqual([]);
  });

  test("carries its libraries' licences and the package list that scanners read", async () => {
    const { root } = image(name);
    expect(await readdir(join(root, 'var/lib/dpkg/status.d'))).toContain('libc6');
    expect((await stat(join(root, 'usr/share/doc/libc6/copyright'))).size).toBeGreaterThan(0);
  });
});

describe.each([
  { name: 'operator', command: 'operator' },
  { name: 'relay', command: 'relay' },
  { name: 'relay-chromium', command: 'relay' },
  { name: 'origin', command: 'origin' },
] as const)('the program in the image $name', ({ name, command }) => {
  test('starts with a read-only root file system and knows its command', async () => {
    const { config } = image(name);
    const { stdout } = await image(name).run([...config.Entrypoint, command, '--help']);
    expect(stdout).toContain(`Usage: livechannel ${command}`);
    expect(config.Cmd).toEqual([command]);
  });
});

/** What hosts may send, and how this machine's FFmpeg makes it. */
const hosts = [
  { codec: 'H.264', encoder: ['libx264', '-g', '15'] },
  { codec: 'H.265', encoder: ['libx265', '-x265-params', 'log-level=error'] },
  { codec: 'VP8', encoder: ['libvpx'] },
  { codec: 'VP9', encoder: ['libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'] },
  { codec: 'AV1', encoder: ['libsvtav1', '-preset', '10'] },
] as const;

/** The size of the largest image that a node is to pull before a show, compressed as registries do. */
const LARGEST_RELAY_MB = 160;

describe('the relay image', () => {
  test('has the pinned Node', async () => {
    const { stdout } = await image('relay').run(['/usr/local/bin/node', '--version']);
    expect(stdout.trim()).toBe('v24.21.0');
  });

  test('keeps the program of its supervisor in memory, whatever becomes of the page cache', async () => {
    const entrypoint = image('relay').config.Entrypoint;
    expect(entrypoint).toEqual(expect.arrayContaining(nodeOptions));
    const script = "console.log(require('fs').readFileSync('/proc/self/smaps_rollup', 'utf8'))";
    const { stdout } = await image('relay').run([...entrypoint.slice(0, -1), '-e', script]);
    const anonymousKiB = Number(/^Anonymous:\s+(\d+) kB$/m.exec(stdout)?.[1]);
    // Without it, 8 MiB. Node's text is 43 MB. A kernel without huge pages has no use for the option.
    const hugePages = await readFile('/sys/kernel/mm/transparent_hugepage/enabled', 'utf8').catch(() => '');
    if (/\[(always|madvise)\]/.test(hugePages)) expect(anonymousKiB).toBeGreaterThan(40_000);
  });

  test(`is at most ${String(LARGEST_RELAY_MB)} MB to pull`, async () => {
    const built = (await readImageList(folders.local))['relay'];
    const compress = `tar -xOf "$1" --wildcards '*.tar' | zstd -3 -T0 -c | wc -c`;
    const { stdout } = await execute('sh', ['-c', compress, 'sh', built?.archive ?? '']);
    expect(Number(stdout) / 1e6).toBeGreaterThan(50);
    expect(Number(stdout) / 1e6).toBeLessThan(LARGEST_RELAY_MB);
  });

  test('tells scanners and readers what its FFmpeg is made of', async () => {
    const { root, config } = image('relay');
    const parts = ['ffmpeg', 'libx264-dev', 'libdav1d6', 'zlib1g-dev'];
    expect(await readdir(join(root, 'var/lib/dpkg/status.d'))).toEqual(expect.arrayContaining(parts));
    expect(await readFile(join(root, 'var/lib/dpkg/status.d/ffmpeg'), 'utf8')).toMatch(
      /^Version: \d+:[\d.]+-/m,
    );
    const licences = ['copyright', 'copyright.dav1d', 'copyright.x264', 'copyright.zlib'];
    expect((await readdir(join(root, 'usr/share/doc/ffmpeg'))).sort()).toEqual(licences);
    expect(config.Labels['org.opencontainers.image.licenses']).toBe('Apache-2.0 AND GPL-2.0-or-later');
  });

  test('has an FFmpeg that makes FLV with AAC of the supervisor’s Matroska', async () => {
    const { stderr } = await image('relay').run(
      [
        ...['/usr/bin/ffmpeg', '-hide_banner', '-f', 'matroska', '-i', '/tmp/in.mkv'],
        ...['-c:v', 'copy', '-bsf:v', 'extract_extradata', '-c:a', 'aac', '-af', 'aresample=async=1000'],
        ...['-f', 'flv', '/tmp/out.flv'],
      ],
      { files: { 'in.mkv': await picturesAndSound('matroska', 'libopus') } },
    );
    expect(stderr).toMatch(/Output #0, flv[^]*Video: h264[^]*Audio: aac/);
  });

  test.each(hosts)('has an FFmpeg that makes H.264 of another size of $codec', async ({ encoder }) => {
    const program = await image('relay').command('/usr/bin/ffmpeg');
    const input = await picturesAndSound('matroska', 'libopus', encoder);
    const output = await piped(program, encoderArguments(), input);
    expect(await contentOf(output, 'flv')).toEqual({
      video: 'h264 (Main)',
      audio: 'aac (LC)',
      size: '160x120',
    });
  });

  test.each(['png', 'mjpeg'])('has an FFmpeg that makes a slate of a %s', async (codec) => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'slate');
    await writeFile(file, await picture(codec));
    const ffmpeg = await image('relay').command('/usr/bin/ffmpeg');
    const { signal } = new AbortController();
    const slate = await encodeSlate({ ffmpeg, file, width: 320, height: 180, signal });
    expect(await contentOf(slate.data, 'h264')).toMatchObject({ size: '320x180' });
  });
});

describe.each(['relay', 'relay-chromium'] as const)('the browser of the image %s', (name) => {
  const binary = (): string => {
    const set = image(name).config.Env.find((line) => line.startsWith('LIVECHANNEL_CHROMIUM='));
    return set?.slice('LIVECHANNEL_CHROMIUM='.length) ?? '/usr/lib/chromium/chromium-headless-shell';
  };

  test('renders a page', async () => {
    const page = 'data:text/html,<p id=p></p><script>p.textContent=6*7</script>';
    const { stdout } = await image(name).run([
      ...[binary(), '--headless', '--no-sandbox', '--disable-gpu', '--disable-software-rasterizer'],
      ...['--user-data-dir=/tmp/profile', '--dump-dom', page],
    ]);
    expect(stdout).toContain('<p id="p">42</p>');
  });

  test('opens the page of a relay that is started as in a pod', async () => {
    const { config } = image(name);
    const said = await image(name).runUntil(
      /"state":"joining"/,
      [...config.Entrypoint, ...(config.Cmd ?? []), '--config', '/tmp/relay.json'],
      {
        files: {
          ...{ 'relay.json': relayConfiguration, token: 'token', key: 'key', bearer: 'bearer' },
          url: 'rtmps://ingest.example.com/live/',
        },
        environment: { LIVECHANNEL_TERMINATION_LOG: '/tmp/termination' },
      },
    );
    expect(said).toContain('"msg":"page up"');
  });
});

const relayConfiguration = JSON.stringify({
  channel: 'shop/show',
  slot: 0,
  agora: { appId: 'a'.repeat(32), channelName: 'show', uid: 7, tokenFile: '/tmp/token' },
  ingest: { urlFile: '/tmp/url', streamKeyFile: '/tmp/key' },
  listen: { host: '127.0.0.1', port: 8080, tokenFile: '/tmp/bearer' },
});

describe('the origin image', () => {
  test('has an nginx that loads the RTMP and the stream module', async () => {
    const configuration = `
      load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
      load_module /usr/lib/nginx/modules/ngx_stream_module.so;
      pid /tmp/nginx.pid; error_log stderr;
      events {} rtmp { access_log off; server { listen 1935; application live { live on; } } }
      stream { server { listen 1936; proxy_pass 127.0.0.1:1935; } }`;
    const { stderr } = await image('origin').run(
      ['/usr/sbin/nginx', '-t', '-e', 'stderr', '-c', '/tmp/nginx.conf'],
      { files: { 'nginx.conf': configuration } },
    );
    expect(stderr).toContain('test is successful');
  });

  test('has an FFmpeg that packages FLV as fMP4 segments', async () => {
    const { stderr } = await image('origin').run(
      [
        ...['/usr/bin/ffmpeg', '-hide_banner', '-i', '/tmp/in.flv', '-c', 'copy'],
        ...['-f', 'hls', '-hls_segment_type', 'fmp4', '-hls_time', '1', '/tmp/index.m3u8'],
      ],
      { files: { 'in.flv': await picturesAndSound('flv', 'aac') } },
    );
    expect(stderr).toMatch(/Opening '\/tmp\/index1\.m4s'/);
  });
});

describe('the demo image', () => {
  test('has the edge and the seller', async () => {
    const { stdout } = await image('demo').run([...image('demo').config.Entrypoint, '--help']);
    expect(stdout).toContain('Usage: agora');
  });

  test('has the stand-ins for the clouds, and the RTMP server that they need', async () => {
    const { stdout } = await image('demo').run(['/usr/local/bin/node', '/app/demo/clouds.mjs', '--help']);
    expect(stdout).toContain('Usage: clouds');
    const configuration = `
      load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
      pid /tmp/nginx.pid; error_log stderr; events {} rtmp { access_log off; }`;
    const { stderr } = await image('demo').run(
      ['/usr/sbin/nginx', '-t', '-e', 'stderr', '-c', '/tmp/nginx.conf'],
      { files: { 'nginx.conf': configuration } },
    );
    expect(stderr).toContain('test is successful');
  });

  test('has a font for the clock in the picture', async () => {
    const script = "c=document.createElement('canvas').getContext('2d');c.font='40px monospace';";
    const page = `data:text/html,<p id=p></p><script>${script}p.textContent=c.measureText('12:34').width>50</script>`;
    const { stdout } = await image('demo').run([
      '/usr/lib/chromium/chromium-headless-shell',
      ...['--no-sandbox', '--disable-gpu', '--disable-software-rasterizer', '--dump-dom', page],
    ]);
    expect(stdout).toContain('<p id="p">true</p>');
  });
});
