import { Registry } from 'prom-client';
import { mkdtemp, rm, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type KubeClient } from '../../../src/kube/client.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { CallContext, Scope, Services } from '../../../src/server/service.ts';
import { openServices, type OpenServices } from '../../../src/server/services/open.ts';
import { apiSettingsSchema } from '../../../src/server/settings.ts';
import type { Store } from '../../../src/store/store.ts';
import { agoraApp, type OperatorStage } from '../../support/operator/operator-stage.ts';

/** The service layer next to a stage's cluster, as the command runs it. */
export class ServicesUnderTest implements AsyncDisposable {
  readonly open: OpenServices;
  readonly registry: Registry;
  readonly #client: KubeClient;
  readonly #folder: string;

  private constructor(open: OpenServices, registry: Registry, client: KubeClient, folder: string) {
    this.open = open;
    this.registry = registry;
    this.#client = client;
    this.#folder = folder;
  }

  /** `keys`: signing keys by platform and file. */
  static async start(
    stage: OperatorStage,
    namespace: string,
    options: {
      readonly store?: Store | undefined;
      readonly settings?: Record<string, string>;
      readonly keys?: Record<string, Record<string, string>>;
      /** Secrets of Agora's notifications by project. */
      readonly notifications?: Record<string, string>;
    } = {},
  ): Promise<ServicesUnderTest> {
    const folder = await mkdtemp(join(tmpdir(), 'livechannel-services-'));
    const mount = async (at: string, files: Record<string, string>): Promise<void> => {
      await mkdir(join(folder, at), { recursive: true });
      for (const [name, value] of Object.entries(files)) await writeFile(join(folder, at, name), value);
    };
    await mount('agora', agoraApp);
    await mount('keys', {});
    await mount('notifications', options.notifications ?? {});
    for (const [platform, files] of Object.entries(options.keys ?? {}))
      await mount(join('keys', platform), files);
    const client = await connect({
      kubeconfigPath: stage.controlPlane.kubeconfigPath,
      fieldManager: 'livechannel-api',
    });
    const registry = new Registry();
    const open = openServices({
      settings: apiSettingsSchema.parse({
        LIVECHANNEL_API_NAMESPACE: namespace,
        LIVECHANNEL_API_AGORA_DIR: join(folder, 'agora'),
        LIVECHANNEL_API_PLAYBACK_KEYS_DIR: join(folder, 'keys'),
        LIVECHANNEL_API_AGORA_NOTIFICATIONS_DIR: join(folder, 'notifications'),
        ...options.settings,
      }),
      client,
      store: options.store,
      logger: silentLogger,
      registry,
    });
    await open.synced();
    return new ServicesUnderTest(open, registry, client, folder);
  }

  get services(): Services {
    return this.open.services;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.open[Symbol.asyncDispose]();
    await this.#client.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export function as(scope: Scope | undefined, signal = AbortSignal.timeout(60_000)): CallContext {
  const subject = scope === undefined ? 'anonymous' : `api-key:${scope}`;
  return { caller: { subject, scope }, requestId: `request-of-${String(scope)}`, signal };
}

/** The problem with which the call fails. */
export async function refused(
  answer: Promise<unknown>,
): Promise<{ code: string; [member: string]: unknown }> {
  try {
    await answer;
  } catch (error) {
    if (error instanceof Error && error.name === 'Problem' && 'toJSON' in error)
      return JSON.parse(JSON.stringify(error)) as { code: string };
    throw error;
  }
  throw new Error('the call did not fail');
}
