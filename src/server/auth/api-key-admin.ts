import type { ApiKeyRecord, Store } from '../../store/store.ts';
import type { CommandLineAction } from '../contract/audit.ts';
import type { Scope } from '../service.ts';
import { createApiKey, type MadeKey } from './create-api-key.ts';
import { UserError } from '../../base/errors.ts';

type Keys = Pick<Store, 'putApiKey' | 'apiKey' | 'apiKeys' | 'revokeApiKey' | 'appendAudit'>;

/** Administers the API keys in the database. Authorization is access to the database. */
export class ApiKeyAdmin {
  readonly #store: Keys;
  readonly #now: () => Date;
  readonly #random: (bytes: number) => Buffer;

  constructor(
    store: Keys,
    options: { readonly now: () => Date; readonly random: (bytes: number) => Buffer },
  ) {
    this.#store = store;
    this.#now = options.now;
    this.#random = options.random;
  }

  async create(asked: {
    readonly name: string;
    readonly scope: Scope;
    readonly lifeMs: number | undefined;
  }): Promise<MadeKey> {
    const { name, scope, lifeMs } = asked;
    const made = await this.#put(name, [scope], lifeMs);
    await this.#note('api-key.create', made.id, { name, scope });
    return made;
  }

  list(): Promise<readonly ApiKeyRecord[]> {
    return this.#store.apiKeys();
  }

  /**
   * Creates a new key with the name, scopes and lifetime of the old one. When the caller has stored the new key, `endOld`
   * limits the old key to the overlap, during which the app can be switched to the new key.
   * @throws UserError when the old key does not exist, has been revoked or has expired.
   */
  async rotate(
    id: string,
  ): Promise<{ readonly made: MadeKey; readonly endOld: (overlapMs: number) => Promise<Date> }> {
    const old = await this.#store.apiKey(id);
    const now = this.#now();
    if (old === undefined)
      throw new UserError(`API key ${id} does not exist. List the keys with livechannel api-key list.`);
    if (old.revokedAt !== undefined) throw new UserError(`API key ${id} has been revoked. Create another.`);
    if (old.expiresAt !== undefined && old.expiresAt <= now)
      throw new UserError(`API key ${id} has expired. Create another.`);
    const lifeMs =
      old.expiresAt === undefined ? undefined : old.expiresAt.getTime() - old.createdAt.getTime();
    const made = await this.#put(old.name, old.scopes, lifeMs);
    await this.#note('api-key.rotate', id, { by: made.id });
    const endOld = async (overlapMs: number): Promise<Date> => {
      const end = new Date(Math.min(now.getTime() + overlapMs, old.expiresAt?.getTime() ?? Infinity));
      const { name, hash, scopes } = old;
      await this.#store.putApiKey({ id, name, hash, scopes, expiresAt: end });
      return end;
    };
    return { made, endOld };
  }

  async revoke(id: string): Promise<void> {
    if (!(await this.#store.revokeApiKey(id, this.#now())))
      throw new UserError(
        `API key ${id} does not exist or has been revoked already. List the keys with livechannel api-key list.`,
      );
    await this.#note('api-key.revoke', id, {});
  }

  #put(name: string, scopes: readonly string[], lifeMs: number | undefined): Promise<MadeKey> {
    return createApiKey(this.#store, { name, scopes, lifeMs }, { now: this.#now(), random: this.#random });
  }

  async #note(action: CommandLineAction, id: string, detail: object): Promise<void> {
    await this.#store.appendAudit([
      {
        at: this.#now(),
        subject: 'command-line',
        action,
        namespace: '',
        channelId: undefined,
        outcome: 'ok',
        requestId: '',
        detail: { id, ...detail },
      },
    ]);
  }
}
