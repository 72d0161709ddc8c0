import type { Clock } from '../../base/clock.ts';
import type { ApiKeyRecord, RecordedAudit, Store } from '../../store/store.ts';
import { createApiKey } from '../auth/create-api-key.ts';
import type { ApiKeyView, CreatedApiKey } from '../contract/api-keys.ts';
import type { AuditEntryView } from '../contract/audit.ts';
import { ApiProblem } from '../problems.ts';
import type { Services } from '../service.ts';
import type { CallGuard } from './call-guard.ts';
import { storeUnavailable } from './kube-problems.ts';
import { periodOf } from './store-views.ts';

export interface AdministrationParts {
  readonly store: Store | undefined;
  readonly guard: CallGuard;
  readonly namespace: string;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: (bytes: number) => Buffer;
}

type AdministrationServices = Pick<Services, 'audit' | 'apiKeys' | 'createApiKey' | 'revokeApiKey'>;

/** The operations on what the database holds about callers: who did what, and the API keys. */
export class Administration implements AdministrationServices {
  readonly #parts: AdministrationParts;

  constructor(parts: AdministrationParts) {
    this.#parts = parts;
  }

  audit: Services['audit'] = (call, { from, to, limit, ...filters }) => {
    const { guard, namespace } = this.#parts;
    return guard.run('audit', call, async () => {
      if (from !== undefined && to !== undefined) periodOf({ from, to });
      const found = await this.#store().auditEntries({
        // Entries of the command line have no namespace.
        namespaces: [namespace, ''],
        most: limit + 1,
        ...(from === undefined ? {} : { from: new Date(from) }),
        ...(to === undefined ? {} : { to: new Date(to) }),
        ...filters,
      });
      const items = found.slice(0, limit).map(auditEntryView);
      return { items, next: found.length > limit ? items.at(-1)?.id : undefined };
    });
  };

  apiKeys: Services['apiKeys'] = (call) =>
    this.#parts.guard.run('apiKeys', call, async () => (await this.#store().apiKeys()).map(apiKeyView));

  createApiKey: Services['createApiKey'] = (call, { name, scope, expiresInSeconds }) => {
    const { guard, clock, random } = this.#parts;
    const detail: Record<string, unknown> = { name, scope };
    return guard.change('createApiKey', call, { channelId: undefined, detail }, async () => {
      const now = clock.now();
      const lifeMs = expiresInSeconds === undefined ? undefined : expiresInSeconds * 1_000;
      const made = await createApiKey(this.#store(), { name, scopes: [scope], lifeMs }, { now, random });
      // Known only now: the entry is written when the work is done.
      detail['id'] = made.id;
      return createdApiKeyView(made, now);
    });
  };

  revokeApiKey: Services['revokeApiKey'] = (call, id) => {
    const { guard, clock } = this.#parts;
    return guard.change('revokeApiKey', call, { channelId: undefined, detail: { id } }, async () => {
      const store = this.#store();
      if (await store.revokeApiKey(id, clock.now())) return;
      // Revoked before, which is what the caller wants.
      if ((await store.apiKey(id)) === undefined)
        throw new ApiProblem('api-key-not-found', `API key ${id} does not exist.`);
    });
  };

  #store(): Store {
    const { store } = this.#parts;
    if (store === undefined) throw storeUnavailable();
    return store;
  }
}

function auditEntryView({
  id,
  at,
  subject,
  action,
  channelId,
  outcome,
  requestId,
  detail,
  address,
}: RecordedAudit): AuditEntryView {
  return {
    ...{ id, at: at.toISOString(), subject, action, channelId: channelId ?? null, outcome, requestId },
    address: address ?? null,
    detail: detail ?? null,
  };
}

/** Without the hash. */
function apiKeyView({
  id,
  name,
  scopes,
  createdAt,
  expiresAt,
  revokedAt,
  lastUsedAt,
}: ApiKeyRecord): ApiKeyView {
  return {
    ...{ id, name, scopes: [...scopes], createdAt: createdAt.toISOString() },
    expiresAt: expiresAt?.toISOString() ?? null,
    revokedAt: revokedAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}

function createdApiKeyView(
  { id, name, scopes, expiresAt, key }: Awaited<ReturnType<typeof createApiKey>>,
  createdAt: Date,
): CreatedApiKey {
  return {
    ...{ id, name, scopes: [...scopes], createdAt: createdAt.toISOString() },
    expiresAt: expiresAt?.toISOString() ?? null,
    key,
  };
}
