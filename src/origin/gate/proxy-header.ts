/**
 * The text form of the PROXY protocol, in which a proxy passes on the address of its client:
 * https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt, section 2.1.
 */

/** The longest header, including its line end. */
const MAX_HEADER_BYTES = 107;
const HEADER = /^PROXY TCP[46] ([0-9a-fA-F.:]{2,39}) [0-9a-fA-F.:]{2,39} [0-9]{1,5} [0-9]{1,5}$/;

/** What the first bytes of a connection contain. */
export type ProxyHeader =
  | { readonly kind: 'complete'; readonly address: string; readonly bytes: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'malformed' };

/** Reads the header at the start of a connection. */
export function readProxyHeader(start: Buffer): ProxyHeader {
  const end = start.subarray(0, MAX_HEADER_BYTES).indexOf('\r\n');
  if (end < 0) return start.length < MAX_HEADER_BYTES ? { kind: 'incomplete' } : { kind: 'malformed' };
  const address = HEADER.exec(start.toString('latin1', 0, end))?.[1];
  return address === undefined ? { kind: 'malformed' } : { kind: 'complete', address, bytes: end + 2 };
}

/** The header that names `address` as the client. */
export function proxyHeader(address: string): string {
  return `PROXY TCP4 ${address} 127.0.0.1 1935 1935\r\n`;
}
