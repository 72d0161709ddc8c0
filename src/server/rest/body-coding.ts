import type { IncomingHttpHeaders } from 'node:http';
import { ApiProblem } from '../problems.ts';

/**
 * Whether the body has a Content-Encoding. Such bodies are rejected: the size of a compressed body is not known before it
 * is decompressed, so the body limit could not be enforced.
 */
export function isCoded({ 'content-encoding': coding }: IncomingHttpHeaders): boolean {
  return coding !== undefined && coding.trim().toLowerCase() !== 'identity';
}

/** 415 with Accept-Encoding, which indicates that the encoding was the reason (RFC 9110, 15.5.16). */
export function codedBody(): ApiProblem {
  return new ApiProblem('unsupported-media-type', 'Send the body as it is, without Content-Encoding.', {
    headers: { 'accept-encoding': 'identity' },
  });
}
