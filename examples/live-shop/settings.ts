/** The app's settings, read from its environment. */
export interface ShopSettings {
  /** The service's URL, e.g. https://live.example.com. */
  readonly serviceUrl: string;
  /** An API key of the scope `admin` (the scope `operate` cannot read costs), or a Kubernetes or OIDC token. */
  readonly token: string;
  readonly channelId: string;
  /** How long the show runs once it can be watched. */
  readonly seconds: number;
  /** Viewers who watch in the app through Agora's SDK. Only the app can count them. */
  readonly agoraViewers: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The service and the app's token for it. `publicUrl` is its address for browsers. */
export function serviceSettings(environment: Environment): {
  readonly url: string;
  readonly token: string;
  readonly publicUrl: string;
} {
  const needed = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Error(`set ${name}; README.md describes it`);
    return value;
  };
  const url = withoutSlash(needed('LIVECHANNEL_URL'));
  const publicUrl = withoutSlash(environment['LIVECHANNEL_PUBLIC_URL'] ?? url);
  return { url, token: needed('LIVECHANNEL_API_KEY'), publicUrl };
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '');

export function shopSettings(environment: Environment): ShopSettings {
  const { url, token } = serviceSettings(environment);
  return {
    serviceUrl: url,
    token,
    channelId: environment['CHANNEL_ID'] ?? '4711',
    seconds: Number(environment['SHOW_SECONDS'] ?? '60'),
    agoraViewers: Number(environment['AGORA_VIEWERS'] ?? '3'),
  };
}
