import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Agent, request } from 'undici';
import { originStreamWithKeySchema, type OriginStreamWithKey } from '../../../src/api/origin-contract.ts';
import { WillNotHappenError } from '../../../hack/cluster/wait-until.ts';
import { eventually } from '../wait/eventually.ts';
import { firstOfFreePorts } from './free-ports.ts';

const exec = promisify(execFile);

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A `livechannel origin` process with everything real, in a folder of its own. */
export interface OriginProcess extends AsyncDisposable {
  readonly pid: number;
  readonly folder: string;
  readonly hlsFolder: string;
  readonly controlUrl: string;
  readonly publicUrl: string;
  readonly token: string;
  /** Certificate of the ingest; its own CA. */
  readonly caFile: string;
  /** All that it has logged. */
  log(): string;
  call(method: string, path: string, body?: unknown, token?: string): Promise<Answer>;
  put(id: string, body?: object): Promise<OriginStreamWithKey>;
  get(id: string): Promise<OriginStreamWithKey>;
  /** SIGTERM; resolves with the exit code and how long it took. */
  terminate(): Promise<{ code: number | null; ms: number }>;
  /** The same origin once more, after `terminate`: same folder, same ports. */
  restart(): Promise<OriginProcess>;
}

export async function makeCertificate(folder: string, name: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  await exec('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-keyout', key, '-out', cert],
  ]);
  return { cert, key };
}

/** `settings` are environment variables that differ from the usual. */
export async function startOriginProcess(settings: Record<string, string> = {}): Promise<OriginProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'origin-test-'));
  const { cert, key } = await makeCertificate(folder, 'tls');
  const token = randomBytes(16).toString('hex');
  await writeFile(join(folder, 'token'), `${token}\n`);
  await writeFile(join(folder, 'master'), randomBytes(32).toString('hex'));
  const port = await firstOfFreePorts(5);
  const environment = {
    LIVECHANNEL_ORIGIN_PUBLIC_URL: `http://localhost:${port + 1}`,
    LIVECHANNEL_ORIGIN_INGEST_URL: `rtmps://localhost:${port}/live/`,
    LIVECHANNEL_ORIGIN_TOKEN_FILE: join(folder, 'token'),
    LIVECHANNEL_ORIGIN_MASTER_SECRET_FILE: join(folder, 'master'),
    LIVECHANNEL_ORIGIN_TLS_CERT_FILE: cert,
    LIVECHANNEL_ORIGIN_TLS_KEY_FILE: key,
    LIVECHANNEL_ORIGIN_STATE_DIR: join(folder, 'state'),
    LIVECHANNEL_ORIGIN_HLS_DIR: join(folder, 'hls'),
    LIVECHANNEL_ORIGIN_RUNTIME_DIR: join(folder, 'run'),
    LIVECHANNEL_ORIGIN_RTMPS_PORT: String(port),
    LIVECHANNEL_ORIGIN_HLS_PORT: String(port + 1),
    LIVECHANNEL_ORIGIN_CONTROL_PORT: String(port + 2),
    LIVECHANNEL_ORIGIN_LOOPBACK_PORT: String(port + 3),
    LIVECHANNEL_LOG_LEVEL: 'debug',
    ...settings,
  };
  const start = (): Promise<OriginProcess> => run(environment, folder, token, cert, port, start);
  return start();
}

async function run(
  environment: Record<string, string>,
  folder: string,
  token: string,
  caFile: string,
  port: number,
  restart: () => Promise<OriginProcess>,
): Promise<OriginProcess> {
  const child = spawn(process.execPath, ['src/main.ts', 'origin'], { env: environment, stdio: 'pipe' });
  const exited = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
  }
  const scheme = environment['LIVECHANNEL_ORIGIN_CONTROL_TLS'] === 'true' ? 'https' : 'http';
  const controlUrl = `${scheme}://localhost:${port + 2}`;
  const dispatcher = new Agent({ connect: { ca: await readFile(caFile, 'utf8') } });
  const call = async (method: string, path: string, body?: unknown, as = token): Promise<Answer> => {
    const answer = await request(controlUrl + path, {
      method,
      dispatcher,
      headers: { authorization: `Bearer ${as}`, 'content-type': 'application/json' },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.body.text();
    const isJson = String(answer.headers['content-type']).includes('json');
    return { status: answer.statusCode, body: isJson ? JSON.parse(text) : text };
  };
  await eventually(`the origin to be ready; its log:\n${log}`, 30, async () => {
    if (child.exitCode !== null) throw new WillNotHappenError(`the origin ended:\n${log}`);
    const answer = await call('GET', '/readyz').catch(() => undefined);
    return answer?.status === 200 ? true : undefined;
  });
  const terminate = async (): Promise<{ code: number | null; ms: number }> => {
    const from = performance.now();
    child.kill('SIGTERM');
    const code = await exited;
    return { code, ms: performance.now() - from };
  };
  return {
    pid: child.pid ?? 0,
    folder,
    hlsFolder: join(folder, 'hls'),
    controlUrl,
    publicUrl: `http://localhost:${port + 1}`,
    token,
    caFile,
    log: () => log,
    call,
    put: async (id, body = {}) =>
      originStreamWithKeySchema.parse((await call('PUT', `/v1/streams/${id}`, body)).body),
    get: async (id) => originStreamWithKeySchema.parse((await call('GET', `/v1/streams/${id}`)).body),
    terminate,
    restart,
    async [Symbol.asyncDispose]() {
      await terminate();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
