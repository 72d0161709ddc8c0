import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { UserError } from '../errors.ts';

/** What else may be contacted, beside public addresses. */
export interface AllowedNetworks {
  /** Name of the setting that lists the networks, for messages; undefined if there is none. */
  readonly setting?: string;
  readonly networks?: readonly string[];
  /** Instead of the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

/**
 * IPv4-compatible IPv6 addresses (RFC 4291, 2.5.5.1), such as ::127.0.0.1. They are deprecated, and cannot be distinguished
 * from an IPv4 address in disguise.
 */
const IPV4_COMPATIBLE = ipaddr.IPv6.parseCIDR('::/96');

/**
 * Addresses to which a request may be sent whose destination others have chosen: public ones, and networks that the
 * settings name.
 */
export class AllowedAddresses {
  readonly #setting: string | undefined;
  readonly #networks: readonly [ipaddr.IPv4 | ipaddr.IPv6, number][];
  readonly #resolve: (host: string) => Promise<readonly string[]>;

  /** @throws UserError when one of the networks is not a CIDR. */
  constructor({ setting, networks = [], resolve = resolveHost }: AllowedNetworks = {}) {
    this.#setting = setting;
    this.#networks = networks.map((network) => {
      try {
        return ipaddr.parseCIDR(network);
      } catch {
        throw new UserError(
          `${setting ?? 'Network'}: "${network}" is not a CIDR such as 10.0.0.0/8 or fd00::/8.`,
        );
      }
    });
    this.#resolve = resolve;
  }

  allows(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(canonical(address)); // ::ffff:10.0.0.1 is 10.0.0.1
    return (
      isPublic(parsed) ||
      this.#networks.some(
        ([network, bits]) => parsed.kind() === network.kind() && parsed.match([network, bits]),
      )
    );
  }

  /** @throws UserError when the URL's host is an IP address that is not allowed. Names are checked by `lookup`. */
  check(url: URL): void {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (isIP(host) !== 0 && !this.allows(host)) throw this.#notAllowed(host);
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
        if (first === undefined) done(this.#notAllowed(host), '', 0);
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

  #notAllowed(host: string): UserError {
    const advice = this.#setting === undefined ? '' : ` To allow it, add its network to ${this.#setting}.`;
    return new UserError(`${host} is not a public address.${advice}`);
  }
}

/** Without dots: ipaddr.js takes ::8.8.8.8 for ::ffff:8.8.8.8. */
function canonical(address: string): string {
  const bracketed = `http://[${address}]`;
  return isIP(address) === 6 && URL.canParse(bracketed) ? new URL(bracketed).hostname.slice(1, -1) : address;
}

function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.kind() === 'ipv6' && address.match(IPV4_COMPATIBLE)) return false;
  return address.range() === 'unicast';
}

async function resolveHost(host: string): Promise<readonly string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
