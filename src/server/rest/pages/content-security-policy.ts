/** Values by directive: https://www.w3.org/TR/CSP3/. */
export type PolicyDirectives = Readonly<Record<string, readonly string[]>>;

/** The text of the header Content-Security-Policy. */
export function contentSecurityPolicy(directives: PolicyDirectives): string {
  return Object.entries(directives)
    .map(([name, values]) => `${name} ${values.join(' ')}`)
    .join('; ');
}

/** Whether a text is a web origin and nothing else: one that is not must not get into a header. */
export function isOrigin(text: string): boolean {
  return /^https?:\/\/[\w.:[\]-]+$/.test(text) && URL.parse(text)?.origin === text;
}
