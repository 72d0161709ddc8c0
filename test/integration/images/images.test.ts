import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { images, type ImageName } from '../../../hack/images/catalog.ts';
import { readImageList } from '../../../hack/images/image-list.ts';
import { foldersFrom } from '../../../hack/tools/folders.ts';
import { UnpackedImage } from './unpacked-image.ts';

const execute = promisify(execFile);
const folders = foldersFrom(process.env);
// A browser's start may wait for other tests on a small machine.
jest.setTimeout(60_000);

const firstBuildMs = 20 * 60_000;
const opened = new Map<string, UnpackedImage>();

function image(name: ImageName): UnpackedImage {
  const found = opened.get(name);
  if (found === undefined) throw new Error(`image ${name} was not built`);
  return found;
}

/** Two seconds of H.264 with sound, made by this machine's FFmpeg. */
async function picturesAndSound(format: string, audioCodec: string): Promise<Buffer> {
  const { stdout } = await execute(
    process.env['LIVECHANNEL_FFMPEG'] ?? 'ffmpeg',
    [
      ...[
        '-hide_banner',
        '-loglevel',
        'error',
        '-f',
        'lavfi',
        '-i',
        'testsrc=size=320x180:rate=15:duration=2',
      ],
      ...['-f', 'lavfi', '-i', 'sine=sample_rate=48000:duration=2'],
      ...['-c:v', 'libx264', '-pix_fmt', 'yuv420p', '-g', '15', '-c:a', audioCodec, '-f', format, 'pipe:1'],
    ],
    { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 },
  );
  return stdout;
}

async function filesOf(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error('the tests of the images need root (mount namespaces)');
  await execute(process.execPath, [join(folders.checkout, 'hack/images/main.ts'), 'build']);
  for (const [name, { archive }] of Object.entries(await readImageList(folders.local))) {
    opened.set(name, await UnpackedImage.open(archive));
  }
}, firstBuildMs);

afterAll(async () => {
  for (const unpacked of opened.values()) await unpacked[Symbol.asyncDispose]();
});

describe.each(images.map(({ name }) => name))('the image %s', (name) => {
  test('runs as a user that is not root, with tini as the first process', () => {
    const { config } = image(name);
    expect(config.User).toBe('65532:65532');
    expect(config.Entrypoint.slice(0, 2)).toEqual(['/usr/bin/tini', '--']);
  });

  test('has no shell, no package manager and no set-user-id program', async () => {
    const files = await filesOf(image(name).root);
    const named = files.filter((file) =>
      /\/(sh|bash|dash|busybox|apt(-get)?|dpkg|perl\d*|python\d*)$/.test(file),
    );
    expect(named).toEqual([]);
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
  { name: 'origin', command: 'origin' },
] as const)('the program in the image $name', ({ name, command }) => {
  test('starts with a read-only root file system and knows its command', async () => {
    const { config } = image(name);
    const { stdout } = await image(name).run([...config.Entrypoint, command, '--help']);
    expect(stdout).toContain(`Usage: livechannel ${command}`);
    expect(config.Cmd).toEqual([command]);
  });
});

describe('the relay image', () => {
  test('has the pinned Node', async () => {
    const { stdout } = await image('relay').run(['/usr/local/bin/node', '--version']);
    expect(stdout.trim()).toBe('v24.21.0');
  });

  test('has a Chromium that renders a page without a writable file', async () => {
    const page = 'data:text/html,<p id=p></p><script>p.textContent=6*7</script>';
    const { stdout } = await image('relay').run([
      '/usr/lib/chromium/chromium-headless-shell',
      ...['--no-sandbox', '--disable-gpu', '--disable-software-rasterizer', '--dump-dom', page],
    ]);
    expect(stdout).toContain('<p id="p">42</p>');
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
