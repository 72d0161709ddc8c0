import {
  ServerResponse,
  type IncomingMessage,
  type OutgoingHttpHeader,
  type OutgoingHttpHeaders,
} from 'node:http';

/**
 * The class of a server's answers: once `leaving` aborts, each one says `connection: close` and is the last of its
 * connection, so that callers go over to another replica with their next request instead of being cut off.
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
