import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { renderMetrics } from './metrics.ts';
import { ReadinessProbe } from './readiness-probe.ts';
import type { Supervisor } from './supervisor.ts';
import { secretsEqual } from '../base/digest.ts';

/** What the HTTP server of the relay needs. */
export interface HttpOptions {
  readonly host: string;
  readonly port: number;
  /** File with the bearer token for commands. Without it, all commands are refused. */
  readonly tokenFile: string | undefined;
  readonly relay: Pick<
    Supervisor,
    'state' | 'report' | 'counters' | 'alive' | 'stop' | 'activate' | 'standBy'
  >;
  readonly clock: Pick<Clock, 'now'>;
}

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly body: string;
}

/** Serves the endpoints that the kubelet, the operator and Prometheus use. */
export async function startHttp(options: HttpOptions): Promise<Server> {
  const readiness = new ReadinessProbe(() => options.relay.state);
  const server = createServer((request, response) => {
    answer(request, options, () => readiness.answer(closeSignal(response)))
      .catch((error: unknown) => json(500, { error: String(error) }))
      .then(({ status, type = 'application/json', body }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
      })
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port, options.host, resolve);
  });
  return server;
}

/** Aborts when the connection is closed, or the response is complete. */
function closeSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    controller.abort();
  });
  return controller.signal;
}

async function answer(
  request: IncomingMessage,
  options: HttpOptions,
  probe: () => Promise<boolean | undefined>,
): Promise<Answer> {
  const { relay, clock } = options;
  const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://relay');
  if (request.method === 'POST') return command(path, epochIn(searchParams), request, options);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return json(405, { error: 'method not allowed' });
  switch (path) {
    case '/livez':
      return relay.alive
        ? json(200, { alive: true })
        : json(503, { alive: false, why: 'the browser does not respond' });
    case '/readyz': {
      const ready = searchParams.has('wait') ? await probe() : undefined;
      const { state, reason, message } = relay.report();
      return json((ready ?? state === 'live') ? 200 : 503, { state, reason, message });
    }
    case '/status':
      return json(200, relay.report());
    case '/metrics':
      return {
        status: 200,
        type: 'text/plain; version=0.0.4',
        body: await renderMetrics(relay, clock.now()),
      };
    default:
      return json(404, { error: `${path} does not exist` });
  }
}

/** Reads the epoch of POST /activate: see RelayConfig.ingest.epoch. NaN when it is not a number. */
function epochIn(query: URLSearchParams): number | undefined {
  const given = query.get('epoch');
  return given === null ? undefined : /^\d{1,10}$/.test(given) ? Number(given) : NaN;
}

async function command(
  path: string,
  epoch: number | undefined,
  request: IncomingMessage,
  { relay, tokenFile }: HttpOptions,
): Promise<Answer> {
  const commands: Readonly<Record<string, () => void>> = {
    '/drain': () => relay.stop(),
    '/activate': () => relay.activate(epoch),
    '/standby': () => relay.standBy(),
  };
  const run = commands[path];
  if (run === undefined) return json(404, { error: `${path} does not exist` });
  if (Number.isNaN(epoch)) return json(400, { error: 'epoch must be a Unix time in seconds' });
  if (tokenFile === undefined)
    return json(403, { error: 'listen.tokenFile is not set, so commands are refused' });
  if (!(await authorized(request, tokenFile)))
    return json(401, { error: 'the bearer token is missing or wrong' });
  run();
  return json(202, { accepted: path });
}

/** Checks the bearer token. The file is read each time: it is small, seldom read, and may have changed. */
async function authorized({ headers }: IncomingMessage, tokenFile: string): Promise<boolean> {
  const expected = (await readFile(tokenFile, 'utf8')).trim();
  const given = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  return expected !== '' && given !== undefined && secretsEqual(given, expected);
}

function json(status: number, body: unknown): Answer {
  return { status, body: `${JSON.stringify(body)}\n` };
}
