import {
  ServerResponse,
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
} from 'node:http';

/**
 * Response class for an HTTP server: once `leaving` aborts, every response is sent with `connection: close`, so that
 * clients send their next request to another replica instead of being disconnected.
 */
export function lastAnswers(leaving: AbortSignal): typeof ServerResponse {
  return class LastAnswer<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
    override writeHead(
      status: number,
      reason?: string | OutgoingHttpHeaders | OutgoingHttpHeader[],
      headers?: OutgoingHttpHeaders | OutgoingHttpHeader[],
    ): this {
      if (leaving.aborted) this.shouldKeepAlive = false;
      return typeof reason === 'string'
        ? super.writeHead(status, reason, headers)
        : super.writeHead(status, reason);
    }
  };
}
