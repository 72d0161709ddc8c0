/** Where the API server is and how to show it who we are. */
export interface Access {
  /** Base address, without a slash at its end. */
  readonly server: string;
  readonly tls: {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
    readonly servername?: string | undefined;
    readonly rejectUnauthorized?: boolean | undefined;
  };
  /** The namespace of the context, or the one that the pod runs in. */
  readonly namespace: string;
  /** The Authorization header. `refresh` after a 401: whatever was remembered is no longer good. */
  authorization(refresh: boolean): Promise<string | undefined>;
}
