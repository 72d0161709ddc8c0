type Labels = Readonly<Record<string, string>>;

/** The labels that an app gave a channel. Those with a prefix belong to Kubernetes and its tools. */
export function appLabels({ labels = {} }: { readonly labels?: Labels | undefined }): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !key.includes('/')));
}
