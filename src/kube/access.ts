/** Where the API server is, and how to authenticate to it. */
export interface Access {
  /** Base URL, without a trailing slash. */
  readonly server: string;
  readonly tls: {
    readonly ca?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
    readonly servername?: string | undefined;
    readonly rejectUnauthorized?: boolean | undefined;
  };
  /** The namespace of the kubeconfig's context, or of the pod. */
  readonly namespace: string;
  /** The Authorization header. `refresh`, after a 401, discards a cached credential. */
  authorization(refresh: boolean): Promise<string | undefined>;
}
