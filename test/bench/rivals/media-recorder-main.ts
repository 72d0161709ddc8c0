/** node media-recorder-main.ts PORT RTMP_URL: pipes the data of the first WebSocket through FFmpeg to RTMP. */
import { spawn } from 'node:child_process';
import { WebSocketServer } from 'ws';

const [port, url = ''] = process.argv.slice(2);
new WebSocketServer({ host: '127.0.0.1', port: Number(port) }).once('connection', (socket) => {
  const ffmpeg = spawn(
    'ffmpeg',
    [
      ...['-hide_banner', '-loglevel', 'warning', '-fflags', 'nobuffer', '-probesize', '500000'],
      ...['-f', 'matroska', '-i', 'pipe:0', '-c:v', 'copy', '-c:a', 'aac', '-b:a', '128k', '-ar', '48000'],
      ...[
        '-af',
        'aresample=async=1',
        '-flush_packets',
        '1',
        '-f',
        'flv',
        '-flvflags',
        'no_duration_filesize',
        url,
      ],
    ],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  );
  ffmpeg.stdin.on('error', () => process.exit(1));
  socket.on('message', (data: Buffer) => ffmpeg.stdin.write(data));
  socket.on('close', () => ffmpeg.stdin.end());
});
