import { NFPROTO_IPV4, NFPROTO_IPV6 } from '../netfilter/nfproto.ts';
import type { IpFamily } from '../route/ip-address.ts';
import { loadConcatenation } from './concatenation.ts';
import { type DataTypeName, dataType } from './data-type.ts';
import { register, wordsOf } from './expression.ts';
import { boundsOf, isPrefix, type ValueOrRange } from './interval.ts';
import type { RuleDraft, Statement } from './rule-draft.ts';
import type { Selector } from './selector.ts';

const NFT_NAT_SNAT = 0;
const NFT_NAT_DNAT = 1;

/** linux/netfilter/nf_nat.h */
const NF_NAT_RANGE_PROTO_SPECIFIED = 0x2;
const NF_NAT_RANGE_PROTO_RANDOM = 0x4;
const NF_NAT_RANGE_PERSISTENT = 0x8;
const NF_NAT_RANGE_PROTO_RANDOM_FULLY = 0x10;
const NF_NAT_RANGE_NETMAP = 0x40;

const WORDS_PER_REGISTER = 4;

/** How ports and addresses are chosen where there is a choice. */
export interface NatFlags {
  /** A random port that depends on the connection's addresses, in place of its own. */
  readonly random?: boolean;
  /** A random port, in place of its own. */
  readonly fullyRandom?: boolean;
  /** Of several addresses always the same for a client. */
  readonly persistent?: boolean;
}

/** A port, or a range of ports. */
export type Port = number | { readonly from: number; readonly to: number };

export interface NatTarget extends NatFlags {
  /**
   * An address, a range of addresses, or a prefix, of which each address takes the place of the one
   * with the same host bits (nft's `snat prefix to`).
   */
  readonly address?: ValueOrRange;
  /** The packet's own, where it is free, by default. The rule has to match a transport protocol. */
  readonly port?: Port;
}

export interface MapTarget extends NatFlags {
  /** One selector for each type of the map's key. */
  readonly key: Selector | readonly Selector[];
  /** The map, whose data is an address, or an address and a port. */
  readonly map: string;
  /** The version of those addresses; what the rule's family or matches say by default. */
  readonly family?: IpFamily;
  /** The map's data has a port behind the address. */
  readonly withPort?: boolean;
}

/** Changes the source of a connection (nft's `snat to`); in a chain `nat` of postrouting or input. */
export function snatTo(target: NatTarget): Statement {
  return (rule) => translate(rule, NFT_NAT_SNAT, target);
}

/** Changes the destination of a connection (nft's `dnat to`); in prerouting or output. */
export function dnatTo(target: NatTarget): Statement {
  return (rule) => translate(rule, NFT_NAT_DNAT, target);
}

/** As `snatTo`, to what a map has for the packet; one that it has nothing for goes on. */
export function snatToMap(target: MapTarget): Statement {
  return (rule) => translateByMap(rule, NFT_NAT_SNAT, target);
}

/** As `dnatTo`, to what a map has for the packet; one that it has nothing for goes on. */
export function dnatToMap(target: MapTarget): Statement {
  return (rule) => translateByMap(rule, NFT_NAT_DNAT, target);
}

/** Changes the source to the address of the interface by which the packet leaves. */
export function masquerade({ port, ...flags }: NatFlags & { port?: Port } = {}): Statement {
  return (rule) => {
    const ports = loadPort(rule, port, 0);
    rule.push({ name: 'masq', ...flagsMember(flagsOf(flags, port)), ...ports });
  };
}

/** Changes the destination to this host. */
export function redirectTo({ port, ...flags }: NatFlags & { port?: Port } = {}): Statement {
  return (rule) => {
    const ports = loadPort(rule, port, 0);
    rule.push({ name: 'redir', ...ports, ...flagsMember(flagsOf(flags, port)) });
  };
}

function translate(rule: RuleDraft, type: number, target: NatTarget): void {
  const { address, port, ...flags } = target;
  if (address === undefined && port === undefined) {
    throw new RangeError('network address translation needs an address, a port or both');
  }
  const family = address === undefined ? knownFamily(rule) : familyOf(address);
  rule.allowNetworkProtocol(family);
  const netmap = address !== undefined && isPrefix(address);
  const addresses = address === undefined ? {} : loadAddress(rule, family, address);
  const ports = loadPort(rule, port, Object.keys(addresses).length * WORDS_PER_REGISTER);
  const bits = flagsOf(flags, port) | (netmap ? NF_NAT_RANGE_NETMAP : 0);
  const nfproto = nfprotoOf(family);
  rule.push({ name: 'nat', type, family: nfproto, ...addresses, ...ports, ...flagsMember(bits) });
}

function translateByMap(rule: RuleDraft, type: number, target: MapTarget): void {
  const { key, map, withPort = false, ...flags } = target;
  const family = target.family ?? knownFamily(rule);
  rule.allowNetworkProtocol(family);
  loadConcatenation(rule, [key].flat(), 0);
  const first = register(0);
  rule.push({ name: 'lookup', set: map, sreg: first, dreg: first });
  const port = withPort ? { portMin: register(wordsOf(dataType(addressType(family)).length)) } : {};
  const members = { ...port, ...flagsMember(flagsOf(flags, undefined)) };
  rule.push({ name: 'nat', type, family: nfprotoOf(family), addressMin: first, ...members });
}

function loadAddress(
  rule: RuleDraft,
  family: IpFamily,
  address: ValueOrRange,
): { addressMin: number; addressMax?: number } {
  const { from, to } = boundsOf(addressType(family), address);
  const addressMin = loadBytes(rule, 0, from);
  if (typeof address !== 'object' && !isPrefix(address)) return { addressMin };
  return { addressMin, addressMax: loadBytes(rule, WORDS_PER_REGISTER, to) };
}

function loadPort(
  rule: RuleDraft,
  port: Port | undefined,
  word: number,
): { portMin?: number; portMax?: number } {
  if (port === undefined) return {};
  const { from, to } = boundsOf('inet_service', port);
  const portMin = loadBytes(rule, word, from);
  if (typeof port === 'number') return { portMin };
  return { portMin, portMax: loadBytes(rule, word + WORDS_PER_REGISTER, to) };
}

function loadBytes(rule: RuleDraft, word: number, data: Uint8Array): number {
  const dreg = register(word);
  rule.push({ name: 'immediate', dreg, data });
  return dreg;
}

function flagsOf(flags: NatFlags, port: Port | undefined): number {
  return (
    (port === undefined ? 0 : NF_NAT_RANGE_PROTO_SPECIFIED) |
    (flags.random ? NF_NAT_RANGE_PROTO_RANDOM : 0) |
    (flags.fullyRandom ? NF_NAT_RANGE_PROTO_RANDOM_FULLY : 0) |
    (flags.persistent ? NF_NAT_RANGE_PERSISTENT : 0)
  );
}

function flagsMember(flags: number): { flags?: number } {
  return flags === 0 ? {} : { flags };
}

function knownFamily(rule: RuleDraft): IpFamily {
  if (rule.networkProtocol !== undefined) return rule.networkProtocol;
  throw new RangeError(
    `translation in the family ${rule.family} has to say which IP version it is`,
  );
}

function familyOf(address: ValueOrRange): IpFamily {
  const text = typeof address === 'object' ? address.from : address;
  return String(text).includes(':') ? 6 : 4;
}

function addressType(family: IpFamily): DataTypeName {
  return family === 4 ? 'ipv4_addr' : 'ipv6_addr';
}

function nfprotoOf(family: IpFamily): number {
  return family === 4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
}
