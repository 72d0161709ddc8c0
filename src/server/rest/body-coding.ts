import type { IncomingHttpHeaders } from 'node:http';
import { ApiProblem } from '../problems.ts';

/** Bodies come as they are: one that is packed would be read as text, and its size not be known before it is unpacked. */
export function isCoded({ 'content-encoding': coding }: IncomingHttpHeaders): boolean {
  return coding !== undefined && coding.trim().toLowerCase() !== 'identity';
}

/** RFC 9110, 15.5.16: Accept-Encoding says that it was for the coding. */
export function codedBody(): ApiProblem {
  return new ApiProblem('unsupported-media-type', 'Send the body as it is, without Content-Encoding.', {
    headers: { 'accept-encoding': 'identity' },
  });
}
