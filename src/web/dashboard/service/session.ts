import { z } from 'zod';
import { fromResponse, ServiceError } from './service-error.ts';

const sessionSchema = z.object({
  subject: z.string().max(1_024),
  scope: z.enum(['playback', 'operate', 'admin']),
  expiresAt: z.iso.datetime({ offset: true }),
});
/** Who is logged in, and what they may do. The cookie itself cannot be read by the page. */
export type Session = z.infer<typeof sessionSchema>;

const methodsSchema = z.object({ methods: z.array(z.string().max(64)).max(20) });

/** Login and logout of the service. */
export class SessionService {
  readonly #origin: string;
  readonly #fetch: typeof fetch;

  constructor(origin: string, send: typeof fetch) {
    this.#origin = origin;
    this.#fetch = send;
  }

  /** The session of the browser; null: there is none. @throws ServiceError */
  async current(signal?: AbortSignal): Promise<Session | null> {
    const response = await this.#send('/v1/session', signal === undefined ? {} : { signal });
    if (response.status === 401) return null;
    return sessionSchema.parse(await accepted(response));
  }

  /** Ways to log in, such as `api-key` and `oidc`. @throws ServiceError: the detail says what has to be set up */
  async methods(signal?: AbortSignal): Promise<readonly string[]> {
    const response = await this.#send('/login', signal === undefined ? {} : { signal });
    return methodsSchema.parse(await accepted(response)).methods;
  }

  /** @throws ServiceError `signed-out` for a key that is wrong, expired or revoked */
  async login(apiKey: string): Promise<void> {
    await accepted(await this.#post('/login', { apiKey }));
  }

  /** @throws ServiceError */
  async logout(): Promise<void> {
    await accepted(await this.#post('/logout', {}));
  }

  #post(path: string, body: unknown): Promise<Response> {
    return this.#send(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async #send(path: string, init: RequestInit): Promise<Response> {
    try {
      return await this.#fetch(`${this.#origin}${path}`, { ...init, credentials: 'same-origin' });
    } catch (error) {
      if (init.signal?.aborted === true) throw error;
      throw new ServiceError('unreachable', undefined, { cause: error });
    }
  }
}

async function accepted(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok) throw fromResponse(response.status, body);
  return body;
}
