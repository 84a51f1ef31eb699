import { LabError } from '../errors.ts';
import { Numbers } from './numbers.ts';
import { addressAt, formatPrefix, type Prefix, parsePrefix, sizeOf } from './prefix.ts';

/** The addresses of one interface: the same number behind both prefixes. */
export interface HostAddresses {
  readonly number: number;
  readonly ipv4: string;
  readonly ipv6: string;
}

const GATEWAY = 1;
/** Hosts of a larger subnet are not numbered beyond this. */
const LAST_NUMBER = 65_535;

/** A network of both families: its prefixes, its gateway, and which of its addresses are free. */
export class Subnet {
  readonly prefixes: { readonly ipv4: Prefix; readonly ipv6: Prefix };
  /** `.1` and `::1`. */
  readonly gateway: HostAddresses;
  readonly #hosts: Numbers;

  /** `firstHost` is the number of the first host. */
  constructor({ ipv4, ipv6 }: Subnet['prefixes'], firstHost: number = GATEWAY + 1) {
    this.prefixes = { ipv4, ipv6 };
    this.gateway = this.#addresses(GATEWAY);
    // The last address of an IPv4 subnet is its broadcast address.
    this.#hosts = new Numbers(firstHost, Math.min(Number(sizeOf(ipv4)) - 2, LAST_NUMBER));
  }

  /** As text, such as `10.0.1.0/24`. */
  get ipv4(): string {
    return formatPrefix(this.prefixes.ipv4);
  }

  /** As text, such as `fd10:0:0:1::/64`. */
  get ipv6(): string {
    return formatPrefix(this.prefixes.ipv6);
  }

  /** @throws {LabError} ERR_LAB_ADDRESSES_EXHAUSTED */
  takeHost(): HostAddresses {
    const number = this.#hosts.take();
    if (number === undefined) {
      throw new LabError(
        'ERR_LAB_ADDRESSES_EXHAUSTED',
        `every address of ${this.ipv4} is taken`,
        'give its router a larger prefix, or connect to another router',
      );
    }
    return this.#addresses(number);
  }

  /** The number that an address of the subnet is handed out by; undefined where it never is. */
  numberOf(address: string): number | undefined {
    const { family, first } = parsePrefix(address);
    const prefix = family === 4 ? this.prefixes.ipv4 : this.prefixes.ipv6;
    const offset = first - prefix.first;
    if (offset < 0n || offset >= sizeOf(prefix) || offset > BigInt(LAST_NUMBER)) return undefined;
    return Number(offset);
  }

  /** Takes a certain number; false where somebody has it. */
  claimHost(number: number): boolean {
    return this.#hosts.claim(number);
  }

  giveBackHost({ number }: Pick<HostAddresses, 'number'>): void {
    this.#hosts.giveBack(number);
  }

  #addresses(number: number): HostAddresses {
    const { ipv4, ipv6 } = this.prefixes;
    const offset = BigInt(number);
    return { number, ipv4: addressAt(ipv4, offset), ipv6: addressAt(ipv6, offset) };
  }
}
