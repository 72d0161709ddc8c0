import ipaddr from 'ipaddr.js';

/** Longer than an IPv6 address with its zone. What a proxy passes on need not be an address. */
const MAX_LENGTH = 64;

/** The network of a client, by which it is limited. A household may have 2^64 IPv6 addresses, so a /64 counts as one. */
export function clientNetwork(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  if (!ipaddr.isValid(address)) return address.slice(0, MAX_LENGTH);
  const parsed = ipaddr.process(address);
  return parsed.kind() === 'ipv4'
    ? parsed.toString()
    : parsed.toNormalizedString().split(':').slice(0, 4).join(':');
}
