import type { FastifyBaseLogger } from 'fastify';
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { ApiProblem } from './problems.ts';

/** An error of Node's HTTP parser. It contains the raw bytes of the request, which may hold tokens: never log it whole. */
interface ParserError extends Error {
  readonly code?: string;
}

/**
 * Answers requests that Node's HTTP parser rejects, which reach no route and no hook. Sends a problem, then closes the
 * connection, because it is unknown where the next request begins.
 */
export function answerUnreadable(logger: FastifyBaseLogger | undefined) {
  return (error: ParserError, socket: Socket): void => {
    // The client has left, or a response is already being sent.
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    const problem = problemOf(error);
    const requestId = randomUUID();
    const { code, status } = problem;
    logger?.info({ requestId, status, problem: code, reason: error.code }, 'a request could not be parsed');
    const body = JSON.stringify({ ...problem.toJSON(), instance: `urn:livechannel:request:${requestId}` });
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
      'connection: close',
      'content-type: application/problem+json',
      `content-length: ${Buffer.byteLength(body)}`,
      'x-content-type-options: nosniff',
      `x-request-id: ${requestId}`,
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
    socket.destroySoon();
  };
}

/** https://nodejs.org/api/errors.html#nodejs-error-codes; HPE_ codes are llhttp's. */
function problemOf({ code = '' }: ParserError): ApiProblem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new ApiProblem(
        'headers-too-large',
        'The request line and the headers together take at most 16 KiB.',
      );
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new ApiProblem('too-large', 'The chunk extensions of the body are too long.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new ApiProblem('request-incomplete', 'The request did not arrive completely in time.');
    default:
      return new ApiProblem('invalid-request', `Not a valid HTTP/1.1 request (${code || 'no code'}).`);
  }
}

/**
 * Whether a response has been started on the socket. Uses the internal field that Node's own handler uses, because there
 * is no public one. A request that is still being read has a response as well, which has not been started.
 */
function isAnswering(socket: Socket): boolean {
  if (!('_httpMessage' in socket)) return false;
  const answer = socket._httpMessage;
  return (
    typeof answer === 'object' && answer !== null && 'headersSent' in answer && answer.headersSent === true
  );
}
