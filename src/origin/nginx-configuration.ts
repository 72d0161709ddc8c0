import type { SecretText } from '../base/secret-text.ts';
import { ACCESS_LOG_FORMAT, LOGGED_REQUESTS, SEGMENT_LOG_FORMAT, TOO_MANY_REQUESTS } from './access-log.ts';
import { CHUNK_STREAMS } from './limits.ts';
import { SIGNED_PATH, SIGNED_TEXT } from './playback-grants.ts';

/**
 * The configurations of the two nginx that the origin runs.
 *
 * `media` holds the RTMP sessions in one worker (the module keeps streams per worker) and is never reloaded, because
 * a reload would separate publishers in the old worker from packagers in the new one. `front` terminates TLS and
 * serves HLS. It may be reloaded at any time, e.g. for a new certificate: its old worker continues to serve its
 * connections.
 */

interface AnyNginx {
  /** Folder for everything that nginx writes. */
  readonly directory: string;
  /** Unix socket on which nginx serves /livez and, in `media`, the RTMP module's /control. */
  readonly socket: string;
  /** Folder of the modules, e.g. /usr/lib/nginx/modules. */
  readonly modules: string;
  /**
   * Whether nginx is started as root (on a developer's machine). Then its workers also run as root, so that they can
   * read our folders.
   */
  readonly asRoot: boolean;
}

/** Parameters of the nginx for RTMP. */
export interface MediaNginx extends AnyNginx {
  /** Port that receives RTMP without TLS from the gate, with the PROXY protocol (gate/ingest-gate.ts). */
  readonly ingestPort: number;
  /** Largest RTMP message. A publisher can leave CHUNK_STREAMS of them unfinished. */
  readonly maxMessageBytes: number;
  /** Port from which the packagers read. */
  readonly playPort: number;
  /** Address of the ingest hooks, e.g. http://127.0.0.1:4711. */
  readonly hooksUrl: string;
}

/** Parameters of the nginx for TLS and HLS. */
export interface FrontNginx extends AnyNginx {
  readonly listenHost: string;
  readonly rtmpsPort: number;
  readonly hlsPort: number;
  readonly workers: number;
  /** Port of the gate, which receives RTMP without TLS with the PROXY protocol. */
  readonly gatePort: number;
  /** RTMPS connections of one address. */
  readonly publishersPerAddress: number;
  /** HLS requests in progress of one address; twice as many are accepted per second. */
  readonly connectionsPerAddress: number;
  readonly accessLogPort: number;
  /** Contains one folder for public streams and one for signed ones; see streams.ts. */
  readonly hlsDirectory: string;
  /**
   * Verifies the addresses of signed streams. The configuration contains it, so its file must not be readable by
   * other users.
   */
  readonly playbackKey: SecretText;
  readonly assetsDirectory: string;
  readonly certificateFile: string;
  readonly certificateKeyFile: string;
}

export const RTMP_APPLICATION = 'live';

/** The configuration file of `media`. */
export function mediaConfiguration(media: MediaNginx): string {
  return `${preamble(media.directory, 1, media.asRoot)}
load_module ${quote(`${media.modules}/ngx_rtmp_module.so`)};
events { worker_connections 4096; }
rtmp {
  # The key is part of what would be logged.
  access_log off;
  server {
    # Publishers: the PROXY header has an address of the gate's choice, so that "play" below can tell them from packagers.
    listen 127.0.0.1:${media.ingestPort} proxy_protocol;
    listen 127.0.0.1:${media.playPort};
    chunk_size 65536;
    max_message ${media.maxMessageBytes};
    max_streams ${CHUNK_STREAMS};
    timeout 30s;
    ping 10s;
    ping_timeout 10s;
    application ${RTMP_APPLICATION} {
      live on;
      wait_key on;
      # A packager that connects late would otherwise package the audio alone until the next keyframe.
      wait_video on;
      # A packager learns at once that its publisher is gone, and finishes the last segment.
      publish_notify on;
      allow play 127.0.0.1;
      deny play all;
      # Half-open connections of publishers that are gone.
      drop_idle_publisher 20s;
      notify_method post;
      on_publish ${media.hooksUrl}/publish;
      on_publish_done ${media.hooksUrl}/publish-done;
      on_play ${media.hooksUrl}/play;
    }
  }
}
http {
  ${httpPaths(media.directory)}
  access_log off;
  server {
    listen ${quote(`unix:${media.socket}`)};
    location = /livez { return 204; }
    location /control { rtmp_control all; }
  }
}
`;
}

/** The configuration file of `front`. */
export function frontConfiguration(front: FrontNginx): string {
  const tls = `ssl_certificate ${quote(front.certificateFile)}; ssl_certificate_key ${quote(front.certificateKeyFile)};`;
  const cors = `add_header Access-Control-Allow-Origin * always;
      add_header Access-Control-Allow-Headers Range always;
      add_header Access-Control-Expose-Headers "Content-Length, Content-Range, Date" always;
      add_header Timing-Allow-Origin * always;`;
  const preflight = 'if ($request_method = OPTIONS) { return 204; }';
  const logAs = (format: string): string =>
    `access_log syslog:server=127.0.0.1:${front.accessLogPort},tag=hls,nohostname ${format} if=$logged;`;
  const log = logAs('playlist');
  const segmentLog = logAs('segment');
  // 403: no valid signature. 410: the signature has expired.
  const signed = `secure_link $signature,$until;
      secure_link_md5 "${SIGNED_TEXT} ${front.playbackKey.reveal()}";
      if ($secure_link = "") { return 403; }
      if ($secure_link = "0") { return 410; }`;
  const page = `add_header X-Content-Type-Options nosniff;
      add_header Referrer-Policy no-referrer;
      add_header Cache-Control no-cache;`;
  return `${preamble(front.directory, front.workers, front.asRoot)}
load_module ${quote(`${front.modules}/ngx_stream_module.so`)};
events { worker_connections 8192; }
stream {
  # Relays behind one load balancer share its address, so that this only keeps one address from taking all connections. Who
  # may stay without a key is decided by the gate.
  limit_conn_zone $binary_remote_addr zone=publishers:2m;
  limit_conn_log_level info;
  server {
    listen ${front.listenHost}:${front.rtmpsPort} ssl;
    ${tls}
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_handshake_timeout 5s;
    limit_conn publishers ${front.publishersPerAddress};
    proxy_connect_timeout 2s;
    proxy_timeout 60s;
    proxy_protocol on;
    proxy_pass 127.0.0.1:${front.gatePort};
  }
}
http {
  ${httpPaths(front.directory)}
  server_tokens off;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 30s;
  # Slow clients: a request that does not arrive, and an answer that is not read.
  client_header_timeout 10s;
  client_body_timeout 10s;
  client_max_body_size 1k;
  large_client_header_buffers 2 8k;
  send_timeout 15s;
  reset_timedout_connection on;
  limit_conn_zone $binary_remote_addr zone=connections:10m;
  limit_conn_status ${TOO_MANY_REQUESTS};
  limit_conn_log_level info;
  limit_conn connections ${front.connectionsPerAddress};
  limit_req_zone $binary_remote_addr zone=requests:10m rate=${2 * front.connectionsPerAddress}r/s;
  limit_req_status ${TOO_MANY_REQUESTS};
  limit_req_log_level info;
  limit_req zone=requests burst=${2 * front.connectionsPerAddress} nodelay;
  default_type text/html;
  types {
    application/vnd.apple.mpegurl m3u8;
    video/mp4 mp4 m4s;
    text/javascript js;
  }
  charset utf-8;
  charset_types text/javascript;
  access_log off;
  ${LOGGED_REQUESTS}
  log_format playlist escape=json '${ACCESS_LOG_FORMAT}';
  log_format segment escape=json '${SEGMENT_LOG_FORMAT}';
  server {
    listen ${front.listenHost}:${front.hlsPort};
    location ~ ^/hls/([0-9a-f]+)/(index\\.m3u8)$ {
      ${preflight}
      if (-d ${quote(`${front.hlsDirectory}/signed/$1`)}) { return 403; }
      alias ${quote(`${front.hlsDirectory}/public/$1/$2`)};
      ${cors}
      add_header Cache-Control no-cache always;
      ${log}
      log_not_found off;
    }
    location ~ ^/hls/([0-9a-f]+)/([0-9]+)/(init\\.mp4|[0-9]+\\.m4s)$ {
      ${preflight}
      alias ${quote(`${front.hlsDirectory}/public/$1/$2/$3`)};
      ${cors}
      add_header Cache-Control "public, max-age=3600, immutable";
      ${segmentLog}
      log_not_found off;
    }
    location ~ "^${SIGNED_PATH}(?<file>index\\.m3u8)$" {
      ${preflight}
      ${signed}
      alias ${quote(`${front.hlsDirectory}/signed/$playback/$file`)};
      ${cors}
      add_header Cache-Control no-cache always;
      ${log}
      log_not_found off;
    }
    location ~ "^${SIGNED_PATH}(?<run>[0-9]+)/(?<file>init\\.mp4|[0-9]+\\.m4s)$" {
      ${preflight}
      ${signed}
      alias ${quote(`${front.hlsDirectory}/signed/$playback/$run/$file`)};
      ${cors}
      # A cache that many share would give it to those whose address has expired.
      add_header Cache-Control "private, max-age=3600, immutable";
      ${segmentLog}
      log_not_found off;
    }
    location ~ ^/watch/[0-9a-f]+$ {
      root ${quote(front.assetsDirectory)};
      try_files /watch.html =404;
      add_header Content-Security-Policy "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; media-src 'self' blob:; worker-src blob:";
      ${page}
    }
    location ~ ^/assets/([a-z.-]+\\.js)$ {
      alias ${quote(`${front.assetsDirectory}/$1`)};
      ${page}
    }
    location / { return 404; }
  }
  server {
    listen ${quote(`unix:${front.socket}`)};
    location = /livez { return 204; }
  }
}
`;
}

function preamble(directory: string, workers: number, asRoot: boolean): string {
  return `daemon off;
${asRoot ? 'user root;' : ''}
worker_processes ${workers};
pid ${quote(`${directory}/nginx.pid`)};
error_log stderr warn;`;
}

/** Temporary folders of nginx. The root file system may be read-only, so nginx must not use its built-in paths. */
function httpPaths(directory: string): string {
  return ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${quote(`${directory}/${name}`)};`)
    .join(' ');
}

function quote(value: string): string {
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}
