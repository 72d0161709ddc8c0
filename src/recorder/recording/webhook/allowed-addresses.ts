import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { UserError } from '../../../base/errors.ts';

/** Addresses that webhooks may be sent to: public ones, and networks that the operator's settings name. */
export class AllowedAddresses {
  readonly #networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
  readonly #resolve: (host: string) => Promise<readonly string[]>;

  /** @throws UserError when one of the networks is not a CIDR. */
  constructor(networks: readonly string[], resolve = resolveHost) {
    this.#networks = networks.map((network) => {
      try {
        return ipaddr.parseCIDR(network);
      } catch {
        throw new UserError(
          `LIVECHANNEL_WEBHOOK_ALLOWED_NETWORKS: "${network}" is not a CIDR such as 10.0.0.0/8 or fd00::/8.`,
        );
      }
    });
    this.#resolve = resolve;
  }

  allows(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address); // ::ffff:10.0.0.1 is 10.0.0.1
    return (
      parsed.range() === 'unicast' ||
      this.#networks.some(
        ([network, bits]) => parsed.kind() === network.kind() && parsed.match([network, bits]),
      )
    );
  }

  /** @throws UserError when the URL's host is an IP address that is not allowed. Names are checked by `lookup`. */
  check(url: URL): void {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !this.allows(host)) throw notAllowed(host);
  }

  /**
   * Lookup function for sockets: resolves the name once and returns only allowed addresses. The socket connects to exactly
   * the addresses that were checked, even if the DNS server answers differently the next time (DNS rebinding).
   */
  readonly lookup: LookupFunction = (host, options, done) => {
    this.#allowedOf(host).then(
      (allowed) => {
        const addresses = allowed.map((address) => ({ address, family: isIP(address) }));
        const [first] = addresses;
        if (first === undefined) done(notAllowed(host), '', 0);
        else if (options.all === true) done(null, addresses);
        else done(null, first.address, first.family);
      },
      (error: unknown) => {
        done(error instanceof Error ? error : new Error(String(error)), '', 0);
      },
    );
  };

  async #allowedOf(host: string): Promise<readonly string[]> {
    return (await this.#resolve(host)).filter((address) => this.allows(address));
  }
}

function notAllowed(host: string): UserError {
  return new UserError(
    `${host} is not a public address. To allow it, add its network to LIVECHANNEL_WEBHOOK_ALLOWED_NETWORKS.`,
  );
}

async function resolveHost(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
