import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readClock } from '../../fixtures/agora/clock-frame.ts';

const WIDTH = 320;
const HEIGHT = 180;

/** Decodes H.264 access units and reads each frame's clock: Unix milliseconds, undefined for a frame without one. */
export async function decodedClocks(accessUnits: readonly Uint8Array[]): Promise<(number | undefined)[]> {
  const child = spawn(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'h264', '-i', 'pipe:0', '-fps_mode', 'passthrough'],
      ...[
        '-vf',
        `scale=${String(WIDTH)}:${String(HEIGHT)}:flags=area`,
        '-pix_fmt',
        'gray',
        '-f',
        'rawvideo',
        '-',
      ],
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let problem = '';
  child.stderr.on('data', (chunk: Buffer) => (problem += chunk.toString()));
  child.stdin.on('error', () => undefined); // FFmpeg ended early: its error is thrown below
  const closed = once(child, 'close');
  child.stdin.end(Buffer.concat(accessUnits));
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const [code, signal] = (await closed) as [number | null, string | null]; // the type of node:child_process
  if (code !== 0) throw new Error(`ffmpeg exited with ${String(code ?? signal)}: ${problem.trim()}`);
  if (problem !== '') throw new Error(`ffmpeg reports damaged frames: ${problem.trim()}`);
  const all = Buffer.concat(chunks);
  const size = WIDTH * HEIGHT;
  return Array.from({ length: Math.floor(all.length / size) }, (_, index) =>
    readClock(all.subarray(index * size, (index + 1) * size), WIDTH, HEIGHT),
  );
}
