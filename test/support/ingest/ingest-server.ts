import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { WillNotHappenError } from '../../../hack/cluster/wait-until.ts';
import { tied } from '../../../hack/system/tied.ts';
import { eventually } from '../wait/eventually.ts';

const run = promisify(execFile);

/**
 * A real RTMPS ingest: nginx with the RTMP module behind TLS. It takes one key and writes what it is sent to files. A
 * publisher with a higher `?priority=` ends the one before, as at IVS.
 */
export class IngestServer implements AsyncDisposable {
  readonly streamKey = 'live_3d1f-the-key';
  readonly directory: string;
  readonly caFile: string;
  readonly port: number;
  readonly #nginx: ChildProcess;
  readonly #doorman: Server;

  private constructor(directory: string, port: number, nginx: ChildProcess, doorman: Server) {
    this.directory = directory;
    this.caFile = join(directory, 'tls.crt');
    this.port = port;
    this.#nginx = nginx;
    this.#doorman = doorman;
  }

  static async start(): Promise<IngestServer> {
    const directory = await mkdtemp(join(tmpdir(), 'relay-ingest-'));
    await makeCertificate(directory, 'tls');
    await makeCertificate(directory, 'other');
    const [rtmps, rtmp, control] = [await freePort(), await freePort(), await freePort()];
    const server: { value?: IngestServer } = {};
    let highest = 0;
    const doorman = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const publisher = new URLSearchParams(body);
        const name = publisher.get('name') ?? '';
        const priority = Number(publisher.get('priority') ?? 0);
        if (name !== server.value?.streamKey) {
          response.writeHead(403).end();
          return;
        }
        const takesOver = priority > highest;
        highest = Math.max(highest, priority);
        const drop = `http://127.0.0.1:${String(control)}/control/drop/publisher?app=live&name=${name}`;
        const ready = takesOver ? fetch(drop) : Promise.resolve();
        void ready.then(() => response.writeHead(200).end());
      });
    }).listen(0, '127.0.0.1');
    await once(doorman, 'listening');
    const ports = { rtmps, rtmp, control, doorman: portOf(doorman) };
    await writeFile(join(directory, 'nginx.conf'), configuration(directory, ports));
    const config = ['-c', join(directory, 'nginx.conf'), '-e', join(directory, 'error.log')];
    const nginx = spawn(...tied('nginx', config), { stdio: 'ignore' });
    await once(nginx, 'spawn');
    server.value = new IngestServer(directory, rtmps, nginx, doorman);
    await eventually('nginx listens', 30, async () => {
      if (nginx.exitCode !== null) throw new WillNotHappenError(`nginx ended with ${String(nginx.exitCode)}`);
      return reachable(rtmps);
    });
    return server.value;
  }

  get url(): string {
    return `rtmps://localhost:${String(this.port)}/live/`;
  }

  /** Another certificate's PEM: the wrong one to verify with. */
  get otherCaFile(): string {
    return join(this.directory, 'other.crt');
  }

  /** What was published, session by session. */
  async recordings(): Promise<string[]> {
    const names = (await readdir(this.directory)).filter((name) => name.endsWith('.flv'));
    return names.toSorted().map((name) => join(this.directory, name));
  }

  /** What the server has been told and has noted, for looking for what should not be there. */
  async errorLog(): Promise<string> {
    return readFile(join(this.directory, 'error.log'), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#nginx.kill('SIGTERM');
    if (this.#nginx.exitCode === null && this.#nginx.signalCode === null) await once(this.#nginx, 'exit');
    this.#doorman.closeAllConnections();
    this.#doorman.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

function configuration(
  directory: string,
  { rtmps, rtmp, control, doorman }: Record<'rtmps' | 'rtmp' | 'control' | 'doorman', number>,
): string {
  return `
    daemon off; master_process off; pid ${directory}/nginx.pid; error_log ${directory}/error.log info;
    load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
    load_module /usr/lib/nginx/modules/ngx_stream_module.so;
    events { worker_connections 256; }
    rtmp {
      access_log off;
      server {
        listen 127.0.0.1:${String(rtmp)};
        application live {
          live on;
          record all; record_path ${directory}; record_unique on; record_suffix -%s.flv;
          on_publish http://127.0.0.1:${String(doorman)}/;
        }
      }
    }
    http {
      access_log off;
      server { listen 127.0.0.1:${String(control)}; location /control { rtmp_control all; } }
    }
    stream {
      server {
        listen 127.0.0.1:${String(rtmps)} ssl;
        ssl_certificate ${directory}/tls.crt; ssl_certificate_key ${directory}/tls.key;
        proxy_pass 127.0.0.1:${String(rtmp)};
      }
    }`;
}

async function makeCertificate(directory: string, name: string): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const out = ['-keyout', join(directory, `${name}.key`), '-out', join(directory, `${name}.crt`)];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  await run('openssl', ['req', '-x509', ...key, ...out, '-days', '2', ...subject]);
}

/** A port of 127.0.0.1 on which nobody listens at this moment. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}

function portOf(server: net.Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on a port');
  return address.port;
}

async function reachable(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
