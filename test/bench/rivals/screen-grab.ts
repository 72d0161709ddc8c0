import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../support/wait/eventually.ts';
import type { PathOptions } from '../lib/paths.ts';
import { chromiumArguments } from './chromium-arguments.ts';
import { RivalPageServer } from './page-server.ts';
import { Rival } from './rival.ts';

/**
 * What most relays of this kind do: a browser in kiosk mode on a virtual screen, PulseAudio with a sink that goes
 * nowhere, and FFmpeg that films the screen, listens to the sink and encodes both, with the options that Jibri and
 * LiveKit have (x264 veryfast, zerolatency, a keyframe each 2 s).
 */
export function startScreenGrab({ loop, membership, target, group }: PathOptions): Promise<Rival> {
  return Rival.start(group, async (rival) => {
    const size = `${String(loop.width)}x${String(loop.height)}`;
    const display = `:${String(100 + (process.pid % 800))}`;
    rival.run('Xvfb', [display, '-screen', '0', `${size}x24`, '-nolisten', 'tcp', '-ac']);
    await eventually('Xvfb is there', 30, () => isThere(`/tmp/.X11-unix/X${display.slice(1)}`));
    const socket = join(rival.folder, 'pulse');
    rival.run('pulseaudio', [
      ...['-n', '--daemonize=no', '--exit-idle-time=-1', '--disallow-exit', '--use-pid-file=no'],
      // With rewinds the sink works two seconds ahead, which the picture then waits for.
      '--load=module-null-sink sink_name=relay norewinds=1',
      `--load=module-native-protocol-unix auth-anonymous=1 socket=${socket}`,
    ]);
    await eventually('PulseAudio is there', 30, () => isThere(socket));
    const environment = {
      DISPLAY: display,
      PULSE_SERVER: `unix:${socket}`,
      PULSE_LATENCY_MSEC: '30',
      XDG_RUNTIME_DIR: rival.folder,
    };
    const pages = rival.use(await RivalPageServer.start(membership));
    const flags = chromiumArguments(join(rival.folder, 'profile'), membership.accessPoints.certificatePins);
    const window = [
      '--kiosk',
      '--window-position=0,0',
      `--window-size=${String(loop.width)},${String(loop.height)}`,
    ];
    rival.run('/usr/lib/chromium/chromium', [...flags, ...window, pages.url], environment);
    rival.run('ffmpeg', grabArguments(loop, display, `${target.ingestUrl}${target.streamKey}`), environment);
  });
}

function grabArguments(
  { width, height, fps, bitrateKbps }: PathOptions['loop'],
  display: string,
  url: string,
): string[] {
  const size = `${String(width)}x${String(height)}`;
  const rate = `${String(bitrateKbps)}k`;
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'warning'],
    ...['-thread_queue_size', '4096', '-f', 'x11grab', '-draw_mouse', '0', '-framerate', String(fps)],
    ...['-video_size', size, '-i', display],
    ...['-thread_queue_size', '4096', '-f', 'pulse', '-fragment_size', '3840', '-i', 'relay.monitor'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'],
    ...['-g', String(fps * 2), '-b:v', rate, '-maxrate', rate, '-bufsize', `${String(bitrateKbps * 2)}k`],
    ...['-c:a', 'aac', '-b:a', '128k', '-ar', '48000', '-af', 'aresample=async=1'],
    ...['-flush_packets', '1', '-f', 'flv', '-flvflags', 'no_duration_filesize', url],
  ];
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
