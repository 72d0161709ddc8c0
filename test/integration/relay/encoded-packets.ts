import { execFile } from 'node:child_process';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { parameterSets } from '../../../src/relay/media/h264.ts';
import type { MediaPacket, VideoCodec } from '../../../src/relay/media/packet.ts';
import { BEEP_HZ } from '../../fixtures/agora/clock-pattern.ts';
import { readPackets } from './media-source.ts';

const run = promisify(execFile);

export interface Encoding {
  /** The intermediate file: .ts for H.264 and H.265, .mkv for others. */
  readonly file: string;
  readonly codec?: VideoCodec;
  readonly width: number;
  readonly height: number;
  readonly seconds: number;
  readonly frameRate?: number;
  readonly videoBitrateKbps?: number;
}

const encoders: Record<VideoCodec, string[]> = {
  h264: ['-c:v', 'libx264', '-profile:v', 'baseline', '-preset', 'ultrafast', '-bsf:v', 'dump_extra'],
  h265: [
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-x265-params',
    'bframes=0:repeat-headers=1:log-level=error',
  ],
  vp8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-auto-alt-ref', '0'],
  vp9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-row-mt', '1'],
  av1: ['-c:v', 'libaom-av1', '-usage', 'realtime', '-cpu-used', '8', '-row-mt', '1'],
};

/**
 * Seconds of a host's media, as the relay's output has it: a moving video that flashes white for the first tenth of
 * each second while a tone sounds; a keyframe every second.
 */
export async function encodedPackets(encoding: Encoding): Promise<MediaPacket[]> {
  const { file, codec = 'h264', width, height, seconds, frameRate = 25, videoBitrateKbps = 800 } = encoding;
  const size = `${String(width)}x${String(height)}:rate=${String(frameRate)}`;
  const flash = "drawbox=t=fill:color=white:enable='lt(mod(t,1),0.1)'";
  const rate = `${String(videoBitrateKbps)}k`;
  await run('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=${size},${flash}`],
    ...['-f', 'lavfi', '-i', `aevalsrc=exprs=sin(${String(BEEP_HZ)}*2*PI*t)*lt(mod(t\\,1)\\,0.1)/2:s=48000`],
    ...['-t', String(seconds), '-pix_fmt', 'yuv420p', ...encoders[codec]],
    ...['-bf', '0', '-g', String(frameRate), '-keyint_min', String(frameRate)],
    ...['-b:v', rate, '-maxrate', rate, '-bufsize', rate, '-c:a', 'libopus', file],
  ]);
  if (extname(file) === '.mkv' && (codec === 'h264' || codec === 'h265')) {
    throw new Error(`${file}: Matroska does not keep ${codec} in the format that browsers emit.`);
  }
  const packets = await readPackets(file);
  return packets
    .map(({ kind, atMs, key, data }): MediaPacket => {
      if (kind === 'audio' || !key) return { kind, timeMs: atMs, data };
      const sets = codec === 'h264' ? parameterSets(data) : undefined;
      return { kind, timeMs: atMs, data, format: { codec, width, height, parameterSets: sets } };
    })
    .toSorted((a, b) => a.timeMs - b.timeMs);
}
