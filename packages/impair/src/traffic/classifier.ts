import { type IpPrefix, readU16 } from '@netweir/kernel';
import { findIpHeader, ipv4HeaderBytes, isIpv4 } from '../engine/ip-header.ts';
import type { PortRange, Term } from './term.ts';

/** Of a packet, the words that terms are compared with. */
const META = 0;
const SOURCE = 1;
const DESTINATION = 5;
const SOURCE_PORT = 9;
const DESTINATION_PORT = 10;
const PACKET_WORDS = 11;

/** What META holds: the family's bit, six bits of DSCP, and the protocol. */
const FAMILY_BIT = 0x1_0000;
const FAMILY_MASK = FAMILY_BIT;
const DSCP_SHIFT = 8;
const DSCP_MASK = 0x3f00;
const PROTOCOL_MASK = 0xff;

/** What a packet without ports has instead. */
const NO_PORT = -1;

/**
 * Of a term: a mask and a value of META, the word of an address by which it differs most from others, two ranges of
 * ports, where its other words begin and end, and its rule.
 */
const TERM_NUMBERS = 12;
const RULE = 11;
type Word = readonly [index: number, mask: number, value: number];
const WORD_NUMBERS = 3;
const ANY_WORD: Word = [META, 0, 0];

const FRAGMENT_MASK = 0x3fff;
const MAX_EXTENSION_HEADERS = 15;
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const DESTINATION_OPTIONS = 60;
const FRAGMENT_BYTES = 8;
const PORTS_BYTES = 4;

/** What a Classifier looks things up in: plain data, which threads can hand to one another. */
export interface ClassifierTable {
  readonly terms: Int32Array;
  readonly words: Int32Array;
}

/** The table for the terms of each rule, in the order in which the rules are asked. */
export function classifierTable(rules: readonly (readonly Term[])[]): ClassifierTable {
  const terms: number[] = [];
  const words: number[] = [];
  for (const [rule, ofRule] of rules.entries()) {
    for (const term of ofRule) {
      const start = words.length;
      const [telling = ANY_WORD, ...others] = [
        ...wordsOf(term.destination, DESTINATION),
        ...wordsOf(term.source, SOURCE),
      ].reverse();
      words.push(...others.flat());
      terms.push(...metaOf(term), ...telling, ...boundsOf(term.sourcePorts));
      terms.push(...boundsOf(term.destinationPorts), start, words.length, rule);
    }
  }
  return { terms: Int32Array.from(terms), words: Int32Array.from(words) };
}

/**
 * Tells which of an ordered list of rules a frame is of, as the kernel's filters of the same terms do. It allocates
 * nothing while it does.
 */
export class Classifier {
  readonly #packet = new Int32Array(PACKET_WORDS);
  readonly #terms: Int32Array;
  readonly #words: Int32Array;

  constructor({ terms, words }: ClassifierTable) {
    this.#terms = terms;
    this.#words = words;
  }

  /**
   * The index of the first rule that an Ethernet frame is of, -1 where it is of none; that has up to two VLAN tags.
   * What is neither IPv4 nor IPv6 is of none.
   */
  classify(frame: Uint8Array, offset: number, length: number): number {
    const ip = findIpHeader(frame, offset, length);
    if (ip < 0) return -1;
    const end = Math.min(offset + length, frame.length);
    if (isIpv4(frame, ip)) this.#readIpv4(frame, ip, end);
    else this.#readIpv6(frame, ip, end);
    return this.#find();
  }

  #find(): number {
    const packet = this.#packet;
    const terms = this.#terms;
    const meta = packet[META] as number;
    const { length } = terms;
    for (let at = 0; at < length; at += TERM_NUMBERS) {
      if ((meta & (terms[at] as number)) !== terms[at + 1]) continue;
      const word = packet[terms[at + 2] as number] as number;
      if ((word & (terms[at + 3] as number)) !== terms[at + 4]) continue;
      if (this.#hasPorts(at) && this.#hasWords(at)) return terms[at + RULE] as number;
    }
    return -1;
  }

  #hasPorts(at: number): boolean {
    const terms = this.#terms;
    const source = this.#packet[SOURCE_PORT] as number;
    const destination = this.#packet[DESTINATION_PORT] as number;
    return (
      source >= (terms[at + 5] as number) &&
      source <= (terms[at + 6] as number) &&
      destination >= (terms[at + 7] as number) &&
      destination <= (terms[at + 8] as number)
    );
  }

  #hasWords(at: number): boolean {
    const words = this.#words;
    const end = this.#terms[at + 10] as number;
    for (let next = this.#terms[at + 9] as number; next < end; next += WORD_NUMBERS) {
      const word = this.#packet[words[next] as number] as number;
      if ((word & (words[next + 1] as number)) !== words[next + 2]) return false;
    }
    return true;
  }

  #readIpv4(frame: Uint8Array, ip: number, end: number): void {
    const packet = this.#packet;
    const protocol = frame[ip + 9] as number;
    packet[META] = (((frame[ip + 1] as number) >>> 2) << DSCP_SHIFT) | protocol;
    packet[SOURCE] = readWord(frame, ip + 12);
    packet[DESTINATION] = readWord(frame, ip + 16);
    const isFragment = (readU16(frame, ip + 6) & FRAGMENT_MASK) !== 0;
    this.#readPorts(frame, isFragment ? end : ip + ipv4HeaderBytes(frame, ip), end, protocol);
  }

  #readIpv6(frame: Uint8Array, ip: number, end: number): void {
    const packet = this.#packet;
    for (let word = 0; word < 4; word++) {
      packet[SOURCE + word] = readWord(frame, ip + 8 + 4 * word);
      packet[DESTINATION + word] = readWord(frame, ip + 24 + 4 * word);
    }
    let protocol = frame[ip + 6] as number;
    let at = ip + 40;
    for (let headers = 0; headers < MAX_EXTENSION_HEADERS; headers++) {
      if (protocol === FRAGMENT && at + FRAGMENT_BYTES <= end) {
        protocol = frame[at] as number;
        at = end;
        break;
      }
      if (!isOptions(protocol) || at + 2 > end) break;
      protocol = frame[at] as number;
      at += ((frame[at + 1] as number) + 1) * 8;
    }
    const dscp = (readU16(frame, ip) >>> 6) & 0x3f;
    packet[META] = FAMILY_BIT | (dscp << DSCP_SHIFT) | protocol;
    this.#readPorts(frame, at, end, protocol);
  }

  #readPorts(frame: Uint8Array, at: number, end: number, protocol: number): void {
    const has = at + PORTS_BYTES <= end && (protocol === 6 || protocol === 17 || protocol === 132);
    this.#packet[SOURCE_PORT] = has ? readU16(frame, at) : NO_PORT;
    this.#packet[DESTINATION_PORT] = has ? readU16(frame, at + 2) : NO_PORT;
  }
}

/** The extension headers whose second byte is their length in units of eight bytes beyond the first. */
function isOptions(protocol: number): boolean {
  return protocol === HOP_BY_HOP || protocol === ROUTING || protocol === DESTINATION_OPTIONS;
}

/** Thirty-two bits, as a signed number: what an Int32Array holds. */
function readWord(bytes: Uint8Array, at: number): number {
  return (readU16(bytes, at) << 16) | readU16(bytes, at + 2);
}

function metaOf({ family, dscp, protocol }: Term): [mask: number, value: number] {
  let mask = FAMILY_MASK;
  let value = family === 6 ? FAMILY_BIT : 0;
  if (dscp !== undefined) {
    mask |= DSCP_MASK;
    value |= dscp << DSCP_SHIFT;
  }
  if (protocol !== undefined) {
    mask |= PROTOCOL_MASK;
    value |= protocol;
  }
  return [mask, value];
}

function boundsOf(ports: PortRange | undefined): [first: number, last: number] {
  return ports ? [ports.first, ports.last] : [NO_PORT, 0xffff];
}

function wordsOf(prefix: IpPrefix | undefined, first: number): Word[] {
  if (!prefix) return [];
  const count = Math.ceil(prefix.prefixLength / 32);
  return Array.from({ length: count }, (_, word) => {
    const bits = Math.min(32, prefix.prefixLength - 32 * word);
    const mask = -(2 ** (32 - bits)) | 0;
    return [first + word, mask, readWord(prefix.bytes, 4 * word) & mask];
  });
}
