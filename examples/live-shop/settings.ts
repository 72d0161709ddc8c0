/** What the app is told by its environment. */
export interface ShopSettings {
  /** Of the service, e.g. https://live.example.com. */
  readonly serviceUrl: string;
  /** An API key of the scope `admin` (costs are not for operators), or a Kubernetes or OIDC token. */
  readonly token: string;
  readonly channelId: string;
  /** So long the show runs, once it can be watched. */
  readonly seconds: number;
  /** Buyers who watch in the app by Agora's own SDK: nobody but the app knows them. */
  readonly agoraViewers: number;
}

export function shopSettings(environment: Readonly<Record<string, string | undefined>>): ShopSettings {
  const needed = (name: string): string => {
    const value = environment[name];
    if (value === undefined || value === '') throw new Error(`set ${name}; README.md says what to`);
    return value;
  };
  return {
    serviceUrl: needed('LIVECHANNEL_URL').replace(/\/+$/, ''),
    token: needed('LIVECHANNEL_TOKEN'),
    channelId: environment['CHANNEL_ID'] ?? '4711',
    seconds: Number(environment['SHOW_SECONDS'] ?? '60'),
    agoraViewers: Number(environment['AGORA_VIEWERS'] ?? '3'),
  };
}
