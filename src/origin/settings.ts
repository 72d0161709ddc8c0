import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../base/errors.ts';

const port = z.coerce.number().int().min(1).max(65535);
const count = z.coerce.number().int().min(1);
const path = z.string().min(1);

/**
 * Settings of `livechannel origin`. Each is an environment variable and a flag: `publicUrl` is
 * LIVECHANNEL_ORIGIN_PUBLIC_URL and --public-url. Secrets are read from files, never passed as values.
 */
export const originSettingsSchema = z.object({
  publicUrl: z
    .string()
    .regex(/^https?:\/\/[^\s/]+(\/[^\s]*)?$/, 'must be an http or https URL')
    .transform((url) => url.replace(/\/+$/, ''))
    .describe('URL at which players reach the HLS port, e.g. http://media.example.com:8080.'),
  ingestUrl: z
    .string()
    .regex(/^rtmps:\/\/[^\s/]+\/live\/$/, 'must look like rtmps://host:1936/live/')
    .describe(
      'Ingest URL to which publishers append their key, e.g. rtmps://livechannel-origin.ns.svc:1936/live/.',
    ),
  tokenFile: path.describe('File with the bearer token of the control service. It is read at every request.'),
  masterSecretFile: path.describe(
    'File with the secret from which stream keys are derived, at least 32 bytes.',
  ),
  tlsCertFile: path.describe(
    'PEM file with the certificate chain of the ingest. nginx is reloaded when it changes.',
  ),
  tlsKeyFile: path.describe('PEM file with the private key of the certificate.'),
  controlTls: z
    .enum(['true', 'false'])
    .default('false')
    .transform((value) => value === 'true')
    .describe('Whether the control service uses HTTPS, with the certificate of the ingest.'),
  stateDir: path.describe('Folder for the list of streams. It should survive a restart of the container.'),
  hlsDir: path.describe('Folder for the media, which should be in memory. It is emptied at the start.'),
  runtimeDir: path
    .default(join(tmpdir(), 'livechannel-origin'))
    .describe("Folder for nginx's configuration, sockets and temporary files."),
  listenHost: z.string().default('0.0.0.0').describe('Address that the public ports listen on.'),
  rtmpsPort: port.default(1936).describe('Port of the RTMPS ingest.'),
  hlsPort: port.default(8080).describe('Port of HLS playback.'),
  controlPort: port.default(8081).describe('Port of the control service.'),
  loopbackPort: port
    .max(65534)
    .default(11935)
    .describe('First of two ports on 127.0.0.1 for plain RTMP between the parts of the origin.'),
  maxBitrateKbps: count
    .max(200_000)
    .default(30_000)
    .describe(
      'Highest bitrate of a publisher in kbit/s, on average over 10 s; a faster one is disconnected. It should exceed ' +
        'limits.maxVideoBitrateKbps of the StreamingPlatform (20000 by default) by a third, because hosts vary.',
    ),
  packagerMemoryMib: count
    .min(16)
    .default(192)
    .describe(
      'Highest memory of the packager of one stream, in MiB. Beyond it, the publisher is disconnected.',
    ),
  maxStreams: count.default(500).describe('Highest number of streams.'),
  segmentSeconds: z.coerce
    .number()
    .min(0.5)
    .max(10)
    .default(2)
    .describe('Shortest duration of a segment, in seconds.'),
  playlistSegments: count.min(3).default(8).describe('Number of segments in a playlist.'),
  resumeSeconds: count
    .default(60)
    .describe('Seconds off air after which the playlist is closed and players stop.'),
  mediaRetentionSeconds: count.default(300).describe('Seconds off air after which the media is deleted.'),
  connectionsPerAddress: count
    .default(6_000)
    .describe(
      'Highest number of HLS requests that one address may have in progress. Thousands of viewers may share the address ' +
        'of a NAT, a load balancer or an ingress. Twice as many requests are accepted per second.',
    ),
  viewersPerAddress: count
    .default(10_000)
    .describe('Highest number of viewers that are counted for one address.'),
  hlsWorkers: count.default(2).describe('Number of nginx workers that serve HLS.'),
  assetsDir: path.optional().describe('Folder with watch.html, watch.js and hls.min.js of the player page.'),
  ffmpeg: path.default('/usr/bin/ffmpeg').describe('Absolute path of FFmpeg (LIVECHANNEL_FFMPEG).'),
  nginx: path.default('/usr/sbin/nginx').describe('Absolute path of nginx (LIVECHANNEL_NGINX).'),
  nginxModules: path
    .default('/usr/lib/nginx/modules')
    .describe("Folder of nginx's RTMP and stream modules (LIVECHANNEL_NGINX_MODULES)."),
  logLevel: z
    .enum(['debug', 'info', 'warn', 'error'])
    .default('info')
    .describe('Lowest level that is logged.'),
});
export type OriginSettings = z.infer<typeof originSettingsSchema>;

/** Settings that other programs share, so their names do not contain ORIGIN. */
const SHARED_NAMES: Record<string, string> = {
  ffmpeg: 'LIVECHANNEL_FFMPEG',
  nginx: 'LIVECHANNEL_NGINX',
  nginxModules: 'LIVECHANNEL_NGINX_MODULES',
  logLevel: 'LIVECHANNEL_LOG_LEVEL',
};

/** publicUrl -> LIVECHANNEL_ORIGIN_PUBLIC_URL */
export function environmentName(setting: string): string {
  const words = setting.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
  return SHARED_NAMES[setting] ?? `LIVECHANNEL_ORIGIN_${words}`;
}

/** publicUrl -> public-url */
export function flagName(setting: string): string {
  return setting.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Parses the settings. @throws UserError with one line per setting that is missing or not valid */
export function parseSettings(values: Readonly<Record<string, string | undefined>>): OriginSettings {
  const given = Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = originSettingsSchema.safeParse(given);
  if (result.success) {
    const twice = repeatedPort(result.data);
    if (twice !== undefined)
      throw new UserError(
        `The settings of the origin are not valid: port ${twice} is used twice among LIVECHANNEL_ORIGIN_RTMPS_PORT, ` +
          '_HLS_PORT, _CONTROL_PORT and LIVECHANNEL_ORIGIN_LOOPBACK_PORT (which also uses the next port).',
      );
    return result.data;
  }
  const lines = result.error.issues.map(({ path: [name], message }) => {
    const setting = String(name);
    const problem = setting in given ? message : 'is not set';
    return `${environmentName(setting)} (--${flagName(setting)}): ${problem}`;
  });
  throw new UserError(`The settings of the origin are not valid:\n  ${lines.join('\n  ')}`);
}

function repeatedPort(settings: OriginSettings): number | undefined {
  const { rtmpsPort, hlsPort, controlPort, loopbackPort } = settings;
  const ports = [rtmpsPort, hlsPort, controlPort, loopbackPort, loopbackPort + 1];
  return ports.find((one, index) => ports.indexOf(one) !== index);
}
