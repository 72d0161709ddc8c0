import { Agent, request } from 'undici';
import { z } from 'zod';
import {
  originErrorSchema,
  originStreamListSchema,
  originStreamSchema,
  originStreamWithKeySchema,
  type OriginStream,
  type OriginStreamSpec,
  type OriginStreamWithKey,
} from '../../api/origin-contract.ts';
import type { Secret } from '../../api/secret.ts';
import { answerError, noAnswerError, notAnOriginError } from './origin-errors.ts';

export interface OriginClientOptions {
  readonly controlUrl: string;
  readonly token: Secret;
  /** PEM; verifies the control service's certificate where the system's CAs do not. */
  readonly certificateAuthority: string | undefined;
  readonly timeoutMs?: number;
}

/** The origin's control API (src/api/origin-contract.ts) with its answers checked. Throws PlatformErrors. */
export class OriginClient {
  readonly #options: OriginClientOptions;
  readonly #agent: Agent;

  constructor(options: OriginClientOptions) {
    this.#options = options;
    const { certificateAuthority } = options;
    this.#agent = new Agent({
      connections: 8,
      connect: {
        timeout: 5_000,
        ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
      },
    });
  }

  put(id: string, spec: OriginStreamSpec, signal: AbortSignal): Promise<OriginStreamWithKey> {
    return this.#call('PUT', `/v1/streams/${id}`, originStreamWithKeySchema, signal, JSON.stringify(spec));
  }

  /** Undefined when there is no such stream. */
  get(id: string, signal: AbortSignal): Promise<OriginStream | undefined> {
    return this.#call('GET', `/v1/streams/${id}`, originStreamSchema, signal).catch(unlessUnknown);
  }

  async delete(id: string, signal: AbortSignal): Promise<void> {
    await this.#call('DELETE', `/v1/streams/${id}`, z.undefined(), signal).catch(unlessUnknown);
  }

  async list(signal: AbortSignal): Promise<readonly OriginStream[]> {
    return (await this.#call('GET', '/v1/streams', originStreamListSchema, signal)).streams;
  }

  async #call<T>(
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    schema: z.ZodType<T>,
    signal: AbortSignal,
    body?: string,
  ): Promise<T> {
    const { controlUrl, token, timeoutMs = 10_000 } = this.#options;
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    let status: number;
    let text: string;
    try {
      const answer = await request(controlUrl.replace(/\/+$/, '') + path, {
        method,
        headers: {
          authorization: `Bearer ${token.reveal()}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        body: body ?? null,
        signal: limit,
        dispatcher: this.#agent,
      });
      status = answer.statusCode;
      text = await answer.body.text();
    } catch (cause) {
      throw noAnswerError(controlUrl, cause);
    }
    if (status >= 400) {
      const problem = originErrorSchema.safeParse(parseJson(text));
      if (problem.success && status === 404 && problem.data.code === 'UnknownStream')
        throw new UnknownStream();
      throw answerError(controlUrl, status, problem.data);
    }
    const value = schema.safeParse(parseJson(text));
    if (!value.success) throw notAnOriginError(controlUrl, value.error);
    return value.data;
  }
}

/** Inside this file alone: becomes "undefined" or "was gone already". */
class UnknownStream extends Error {}

function unlessUnknown(error: unknown): undefined {
  if (error instanceof UnknownStream) return undefined;
  throw error;
}

/** undefined where the text is no JSON, as an empty answer is not. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
