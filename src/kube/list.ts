import { ApiError } from './errors.ts';
import { asRecord } from './status-answer.ts';

/** Which objects of a kind. */
export interface Selection {
  /** Default: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

export interface ListOptions extends Selection {
  /** Objects per page. Default 500. */
  readonly pageSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Time limit of each page. Default 30 s. */
  readonly timeoutMs?: number | undefined;
}

export interface ListPage {
  readonly items: readonly unknown[];
  readonly resourceVersion: string;
  /** Discard the pages before this one: the list was started again. */
  readonly restart: boolean;
}

/**
 * Yields the pages of a list by their continue tokens. If a token expires in mid-list (410), the pages so far belong to
 * an older state of the cluster: the list is read again, in one page.
 */
export async function* listPages(
  options: ListOptions,
  fetchPage: (query: Record<string, string | number | undefined>) => Promise<unknown>,
): AsyncGenerator<ListPage> {
  const { labelSelector, fieldSelector, pageSize = 500 } = options;
  let token: string | undefined;
  let limit: number | undefined = pageSize;
  let restart = false;
  for (;;) {
    let answer: unknown;
    try {
      answer = await fetchPage({ labelSelector, fieldSelector, limit, continue: token });
    } catch (error) {
      if (!(error instanceof ApiError && error.isExpired) || token === undefined) throw error;
      [token, limit, restart] = [undefined, undefined, true];
      continue;
    }
    const { metadata, items } = asRecord(answer);
    const { resourceVersion, continue: next } = asRecord(metadata);
    yield {
      items: Array.isArray(items) ? items : [],
      resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : '',
      restart,
    };
    restart = false;
    token = typeof next === 'string' && next !== '' ? next : undefined;
    if (token === undefined) return;
  }
}
