/** The service's error body: RFC 9457, with a stable code (docs/reference/problems.md). */
interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
}

const MOST_TRIES = 8;

/** The service's REST API through plain fetch, as any language can call it. */
export class Rest {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  /** Retries with a growing delay while the service is being moved from one pod to another. */
  async get(path: string): Promise<unknown> {
    for (let tries = 1; ; tries++) {
      try {
        const response = await this.request('GET', path);
        if (response.status < 500 || tries === MOST_TRIES) return await bodyOf(response);
      } catch (error) {
        // fetch throws a TypeError when the connection fails.
        if (!(error instanceof TypeError) || tries === MOST_TRIES) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 250 * tries));
    }
  }

  async request(method: string, path: string, body?: unknown): Promise<Response> {
    return await fetch(`${this.#url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
  }
}

async function bodyOf(response: Response): Promise<unknown> {
  if (response.ok) return await response.json();
  const problem = (await response.json().catch(() => ({}))) as Problem;
  throw new Error(
    `${response.url}: ${String(response.status)} ${problem.code ?? ''} ${problem.detail ?? problem.title ?? ''}`,
  );
}
