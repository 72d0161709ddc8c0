/** How a caller identified itself. */
export const actorKinds = [
  'api-key',
  'oidc',
  'kubernetes',
  'ticket',
  'agora-notification',
  'command-line',
  'anonymous',
] as const;

export interface Actor {
  /** other: this page does not know the kind. */
  readonly kind: (typeof actorKinds)[number] | 'other';
  /** undefined: the kind says all. */
  readonly name: string | undefined;
}

/**
 * The caller of an entry, in parts for people. An API key is known by its name where the list of keys has it; of an OIDC
 * user, the issuer is left out.
 */
export function actorOf(subject: string, keyNames: ReadonlyMap<string, string>): Actor {
  const [prefix = ''] = subject.split(':', 1);
  const kind = actorKinds.find((each) => each === prefix);
  if (kind === undefined) return { kind: 'other', name: subject };
  const rest = subject.slice(kind.length + 1);
  if (rest === '') return { kind, name: undefined };
  if (kind === 'api-key') return { kind, name: keyNames.get(rest) ?? rest };
  if (kind === 'oidc') return { kind, name: rest.slice(rest.lastIndexOf('#') + 1) || rest };
  return { kind, name: rest };
}
