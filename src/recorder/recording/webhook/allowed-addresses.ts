import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Where a webhook may go: public addresses, and networks that the operator's settings name. */
export class AllowedAddresses {
  readonly #networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
  readonly #resolve: (host: string) => Promise<readonly string[]>;

  /** @throws Error when one of the networks is none. */
  constructor(networks: readonly string[], resolve = resolveHost) {
    this.#networks = networks.map((network) => {
      try {
        return ipaddr.parseCIDR(network);
      } catch {
        throw new Error(
          `LIVECHANNEL_WEBHOOK_ALLOWED_NETWORKS: "${network}" is no network; write it as 10.0.0.0/8 or fd00::/8.`,
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

  /** @throws Error when the host of the address, given as numbers, is not allowed. Names are checked by `lookup`. */
  check(url: URL): void {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !this.allows(host)) throw notAllowed(host);
  }

  /**
   * For sockets: resolves the name once and gives the addresses that are allowed, so that what was checked is exactly
   * what is connected to, whatever the name's server answers the next time.
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

function notAllowed(host: string): Error {
  return new Error(
    `${host} is not a public address. LIVECHANNEL_WEBHOOK_ALLOWED_NETWORKS names others that webhooks may go to.`,
  );
}

async function resolveHost(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
