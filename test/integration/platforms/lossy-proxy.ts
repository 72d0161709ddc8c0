import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** An HTTP proxy that forwards calls and can cut the connection instead of returning a response. */
export interface LossyProxy extends AsyncDisposable {
  readonly url: string;
  /** Forwards the next call of this method and drops its response. */
  loseNextAnswer(method: string): void;
}

export async function startLossyProxy(target: string): Promise<LossyProxy> {
  const toLose: string[] = [];
  const handOn = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const { method, headers } = request;
      forward(target + (request.url ?? '/'), { method, headers }, resolve)
        .on('error', reject)
        .end(body);
    });
    const answered = await buffer(answer);
    const lost = toLose.indexOf(request.method ?? '');
    if (lost >= 0) {
      toLose.splice(lost, 1);
      request.socket.destroy();
    } else response.writeHead(answer.statusCode ?? 502, answer.headers).end(answered);
  };
  const server = createServer((request, response) => {
    handOn(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}`,
    loseNextAnswer: (method) => toLose.push(method),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
