import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../netfilter/nfproto.ts';
import type { IpFamily } from '../route/ip-address.ts';
import type { DataTypeName } from './data-type.ts';
import type { NewElement } from './element.ts';
import { type Expression, NFT_CMP_EQ, register } from './expression.ts';
import type { NftFamily } from './family.ts';
import {
  NFT_META_IIFTYPE,
  NFT_META_L4PROTO,
  NFT_META_NFPROTO,
  NFT_META_PROTOCOL,
} from './meta-keys.ts';

/** A set without a name, which lives and dies with its rule. */
export interface AnonymousSet {
  readonly id: number;
  readonly key: readonly DataTypeName[];
  readonly interval: boolean;
  readonly elements: readonly NewElement[];
}

/** The name by which the kernel is asked to number a set. */
export const ANONYMOUS_NAME = '__set%d';

const ETHERTYPES: Readonly<Record<IpFamily, Uint8Array>> = {
  4: Uint8Array.of(0x08, 0x00),
  6: Uint8Array.of(0x86, 0xdd),
};

/** ARPHRD_ETHER of linux/if_arp.h, in the host's order. */
const ARPHRD_ETHER = Uint8Array.of(1, 0);

/**
 * A rule while its statements write their expressions into it. It remembers which protocols the packet
 * is known to have by then, so that `ip saddr` in the family inet asks for IPv4 first, and only once.
 */
export class RuleDraft {
  readonly family: NftFamily;
  readonly expressions: Expression[] = [];
  readonly sets: AnonymousSet[] = [];
  readonly #nextSetId: () => number;
  #isEthernet = false;
  #networkProtocol: IpFamily | undefined;
  #transportProtocol: number | undefined;

  constructor(family: NftFamily, nextSetId: () => number) {
    this.family = family;
    this.#nextSetId = nextSetId;
    if (family === 'ip') this.#networkProtocol = 4;
    if (family === 'ip6') this.#networkProtocol = 6;
  }

  push(...expressions: Expression[]): void {
    this.expressions.push(...expressions);
  }

  /** The IP version that packets are known to have. */
  get networkProtocol(): IpFamily | undefined {
    return this.#networkProtocol;
  }

  /** @throws RangeError where packets of the other version only come this way */
  allowNetworkProtocol(ip: IpFamily): void {
    if (this.#networkProtocol === undefined || this.#networkProtocol === ip) return;
    throw new RangeError(`no packet is IPv${ip} and IPv${this.#networkProtocol} at once`);
  }

  /** @throws RangeError where packets of the other version only come this way */
  requireNetworkProtocol(ip: IpFamily): void {
    this.allowNetworkProtocol(ip);
    if (this.#networkProtocol === ip) return;
    const netdev = this.family === 'netdev';
    const key = netdev ? NFT_META_PROTOCOL : NFT_META_NFPROTO;
    const nfproto = ip === 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
    this.#compareMeta(key, netdev ? ETHERTYPES[ip] : Uint8Array.of(nfproto));
    this.#networkProtocol = ip;
  }

  requireEthernet(): void {
    if (this.#isEthernet) return;
    this.#compareMeta(NFT_META_IIFTYPE, ARPHRD_ETHER);
    this.#isEthernet = true;
  }

  /** @throws RangeError where an earlier statement asked for another one */
  requireTransportProtocol(protocol: number): void {
    if (this.#transportProtocol === protocol) return;
    this.#noteTransportProtocol(protocol);
    this.#compareMeta(NFT_META_L4PROTO, Uint8Array.of(protocol));
  }

  addSet(set: Omit<AnonymousSet, 'id'>): number {
    const id = this.#nextSetId();
    this.sets.push({ id, ...set });
    return id;
  }

  #noteTransportProtocol(protocol: number): void {
    const known = this.#transportProtocol;
    if (known !== undefined) {
      throw new RangeError(`no packet has the protocols ${known} and ${protocol} at once`);
    }
    this.#transportProtocol = protocol;
  }

  #compareMeta(key: number, data: Uint8Array): void {
    const first = register(0);
    this.push(
      { name: 'meta', key, dreg: first },
      { name: 'cmp', sreg: first, op: NFT_CMP_EQ, data },
    );
  }
}

/** One part of a rule: it matches packets or does something to them. */
export type Statement = (rule: RuleDraft) => void;
