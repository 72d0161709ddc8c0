import { ensureDebianPackages } from '../system/debian-packages.ts';

/** What the tests run on this machine itself, outside of any container. */
const requirements = [
  { file: 'ffmpeg', debianPackage: 'ffmpeg' },
  { file: 'ffprobe', debianPackage: 'ffmpeg' },
  { file: '/usr/lib/chromium/chromium-headless-shell', debianPackage: 'chromium-headless-shell' },
  { file: 'nginx', debianPackage: 'nginx-light' },
  { file: '/usr/lib/nginx/modules/ngx_rtmp_module.so', debianPackage: 'libnginx-mod-rtmp' },
  { file: '/usr/lib/nginx/modules/ngx_stream_module.so', debianPackage: 'libnginx-mod-stream' },
  { file: 'openssl', debianPackage: 'openssl' },
  { file: '/usr/lib/postgresql/15/bin/initdb', debianPackage: 'postgresql-15' },
  { file: 'setpriv', debianPackage: 'util-linux' },
];

export function ensureTestPrograms(report: (line: string) => void): Promise<void> {
  return ensureDebianPackages('the tests', requirements, report);
}
