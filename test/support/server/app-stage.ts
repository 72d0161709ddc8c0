import { buildApp, type AppOptions } from '../../../src/server/app.ts';
import { authenticateByScope } from './authenticate-by-scope.ts';
import type { TypedApp } from '../../../src/server/rest/routes.ts';
import { RecordingServices } from './recording-services.ts';

export const testSettings: AppOptions['settings'] = {
  LIVECHANNEL_API_BODY_LIMIT_BYTES: 65_536,
  LIVECHANNEL_API_CORS_ORIGINS: ['https://shop.example'],
  LIVECHANNEL_API_EMBED_MEDIA_ORIGINS: [],
  LIVECHANNEL_API_PUBLIC_PLAYBACK: false,
  LIVECHANNEL_API_RATE_LIMIT: 0,
  LIVECHANNEL_API_RATE_LIMIT_ANONYMOUS: 600,
  LIVECHANNEL_API_RATE_LIMIT_TICKET: 600,
  LIVECHANNEL_API_REQUEST_TIMEOUT_SECONDS: 30,
  LIVECHANNEL_API_TRUSTED_PROXIES: [],
};

/** The whole server, with services that record their calls. */
export class AppStage implements AsyncDisposable {
  readonly services: RecordingServices;
  readonly app: TypedApp;

  private constructor(services: RecordingServices, app: TypedApp) {
    this.services = services;
    this.app = app;
  }

  static async start(
    settings: Partial<AppOptions['settings']> = {},
    others: Partial<
      Pick<AppOptions, 'agoraNotifications' | 'authenticate' | 'clock' | 'logger' | 'pagesFolder' | 'random'>
    > = {},
  ): Promise<AppStage> {
    const services = new RecordingServices();
    const app = await buildApp({
      services,
      authenticate: authenticateByScope,
      settings: { ...testSettings, ...settings },
      ...others,
    });
    await app.ready();
    return new AppStage(services, app);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
  }
}

export const asAdmin = { authorization: 'Bearer admin' };
