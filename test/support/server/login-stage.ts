import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { FakeClock } from '../../../src/base/testing/fake-clock.ts';
import { buildApp } from '../../../src/server/app.ts';
import { apiKeyText, hashOf, newApiKey } from '../../../src/server/auth/api-key.ts';
import { openAuthentication } from '../../../src/server/auth/open-authentication.ts';
import type { TypedApp } from '../../../src/server/rest/routes.ts';
import type { Scope } from '../../../src/server/service.ts';
import { apiSettingsSchema } from '../../../src/server/settings.ts';
import type { ApiKeyRecord, AuditEntry } from '../../../src/store/store.ts';
import { RecordingServices } from './recording-services.ts';

/** The service with a login, on a real loopback socket. Its clock stands still until it is turned. */
export class LoginStage implements AsyncDisposable {
  readonly clock = new FakeClock(new Date());
  readonly services = new RecordingServices();
  readonly keys = new Map<string, ApiKeyRecord>();
  readonly audit: AuditEntry[] = [];
  /** Lines of the log, at level trace. */
  readonly log: string[] = [];
  url = '';
  #app: TypedApp | undefined;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  get keysFile(): string {
    return join(this.#folder, 'session-keys');
  }

  static async start(...given: Parameters<LoginStage['serve']>): Promise<LoginStage> {
    const stage = new LoginStage(await mkdtemp(join(tmpdir(), 'livechannel-login-')));
    await stage.putSessionKeys(aSessionKey());
    await stage.serve(...given);
    return stage;
  }

  /** Starts the service anew, as another replica with the same files: its caches are empty, and its address is another. */
  async serve(
    settings: Readonly<Record<string, string>> = {},
    { port: wanted = 0, pagesFolder }: { readonly port?: number; readonly pagesFolder?: URL } = {},
  ): Promise<void> {
    await this.#app?.close();
    const parsed = apiSettingsSchema.parse({
      LIVECHANNEL_API_SESSION_KEYS_FILE: this.keysFile,
      LIVECHANNEL_API_CORS_ORIGINS: 'https://shop.example',
      ...settings,
    });
    const logger = pino({ level: 'trace' }, { write: (line: string) => this.log.push(line) });
    const { authenticate, login } = openAuthentication({
      settings: parsed,
      namespace: 'shop',
      client: { review: async () => ({ authenticated: false }) },
      store: { apiKey: async (id) => this.keys.get(id), apiKeyUsed: async () => undefined },
      audit: { add: (entry) => this.audit.push(entry) },
      clock: this.clock,
      logger,
    });
    const app = await buildApp({
      ...{ services: this.services, authenticate, login, settings: parsed, logger, pagesFolder },
    });
    this.#app = app;
    await app.listen({ host: '127.0.0.1', port: wanted });
    const { port } = app.server.address() as AddressInfo; // a TCP server that is listening
    this.url = `http://127.0.0.1:${String(port)}`;
  }

  /** The file with the keys of sessions, one a line. */
  async putSessionKeys(...keys: readonly string[]): Promise<void> {
    await writeFile(this.keysFile, `${keys.join('\n')}\n`);
  }

  /** Stores an API key; returns its text. */
  apiKey(scope: Scope, change: Partial<ApiKeyRecord> = {}): string {
    const made = newApiKey(randomBytes);
    this.keys.set(made.id, {
      ...{ id: made.id, name: scope, hash: hashOf(made.secret), scopes: [scope], createdAt: new Date() },
      ...{ expiresAt: undefined, revokedAt: undefined, lastUsedAt: undefined },
      ...change,
    });
    return apiKeyText(made);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app?.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export const aSessionKey = (): string => randomBytes(32).toString('base64');
