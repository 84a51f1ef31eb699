import { readdirSync, readFileSync } from 'node:fs';
import { ipv4OfNat64, LabError, parseLabFile } from '@netweir/lab';
import dnsPacket from 'dns-packet';
import { parsePrefix } from '../../../packages/lab/dist/addressing/prefix.js';
import {
  addressOfReverse,
  answerDns,
  type NameSource,
} from '../../../packages/lab/dist/names/dns-answer.js';
import { readIpv4 } from '../../../packages/lab/dist/nat64/ipv4.js';
import { readIpv6 } from '../../../packages/lab/dist/nat64/ipv6.js';
import { packetOf } from '../../../packages/lab/dist/nat64/packet.js';
import { Translator } from '../../../packages/lab/dist/nat64/translator.js';
import { readPorts, readTcpFlags } from '../../../packages/lab/dist/nat64/transport.js';
import { answerBinding, mappedAddress } from '../../../packages/lab/dist/stun/binding.js';
import { decodeAddress, decodeStun, encodeStun } from '../../../packages/lab/dist/stun/message.js';
import { type Decoder, ofBytes, ofText } from './decoder.ts';
import { isInvalidValue } from './text-errors.ts';

const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));

const NAMES: NameSource = {
  find: (name) =>
    name.toLowerCase().endsWith('lab')
      ? { addresses: ['198.19.1.2', '2001:db8:1:1::2'], text: ['x'.repeat(300)] }
      : undefined,
  namesOf: (address) => (address.startsWith('198.') ? ['server.lab'] : []),
};

/** A question (RFC 1035 section 4.1), with EDNS where `opt` is set. */
function query(name: string, type: number, opt = false): Uint8Array {
  const labels = name.split('.').map((label) => {
    return Buffer.concat([Uint8Array.of(label.length), Buffer.from(label)]);
  });
  const head = hex(`1234 0100 0001 0000 0000 000${opt ? 1 : 0}`);
  const question = Buffer.concat([...labels, Uint8Array.of(0, type >> 8, type, 0, 1)]);
  const edns = opt ? hex('00 0029 04d0 00000000 0000') : new Uint8Array();
  return Uint8Array.from(Buffer.concat([head, question, edns]));
}

const REVERSE = '2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';
const QUERIES = [
  query('server.lab', 1),
  query('server.lab', 28, true),
  query('SERVER.lab', 255),
  query('2.1.19.198.in-addr.arpa', 12, true),
  query(REVERSE, 12),
  query('nobody.example', 16),
  // A name that is continued elsewhere, and answers with names and data of their own.
  hex(
    '1234 8180 0001 0002 0000 0000 036c6162 00 0001 0001 c00c 0005 0001 0000 003c 0002 c00c c00c 0010 0001 0000 003c 0003 026869',
  ),
];

/** RFC 5769 sections 2.2 and 2.3, and requests. */
const STUN = [
  `0101003c 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220
   00200008 0001a147 e112a643 00080014 2b91f599 fd9e90c3 8c7489f9 2af9ba53 f06be7d7 80280004 c07d4c96`,
  `01010048 2112a442 b7e7a701 bc34d686 fa87dfae 8022000b 74657374 20766563 746f7220
   00200014 0002a147 0113a9fa a5d3f179 bc25f4b5 bed2b9d9
   00080014 a382954e 4be67bf1 1784c97c 8292c275 bfe3ed41 80280004 c8fb0b4c`,
  '0001 0008 2112a442 0102030405060708090a0b0c 0003 0004 00000006',
  '0001 0000 2112a442 0102030405060708090a0b0c',
].map(hex);

const CLIENT = { address: '198.18.0.10', port: 40_000 };
const SERVER = { origin: () => CLIENT, other: CLIENT };

/** Between a client of IPv6 and a server of IPv4: UDP, TCP, echoes, errors, and fragments of both. */
const PACKETS = [
  '6b800000000f113f20010db80001000100000000000000020064ff9b0000000000000000c63364079c400035000f511c6e657477656972',
  '450200230000400032115c4dc6336407c000024000359c40000fbc986e657477656972',
  '600000000014064020010db80001000100000000000000020064ff9b0000000000000000c63364079c400050000003e8000000005002faf0bc810000',
  '450000280000400040064e55c6336407c000024000509c40000003e8000000005012faf027ee0000',
  '60000000000f3a4020010db80001000100000000000000020064ff9b0000000000000000c633640780005b42123400016e657477656972',
  '450000230000400040014e5fc6336407c000024000003384123400016e657477656972',
  '4500003f0000400040013c7ccb007101c00002400b00e19b0000000045000023000100000111cd4ec0000240c63364079c400035000fbc986e657477656972',
  '6000000000 17 2c4020010db80001000100000000000000020064ff9b0000000000000000c6336407 1100000100000007 9c400035000f511c6e657477656972',
  '6000000000 10 2c4020010db80001000100000000000000020064ff9b0000000000000000c6336407 1100001800000007 0102030405060708',
  '450000240007200040110000c6336407c000024000359c400018bc980102030405060708',
  '4500001c0007000240110000c6336407c00002400102030405060708',
].map(hex);

/** An answer by UDP has to be one that can be read, and no longer than the client takes. */
function answerTo(bytes: Uint8Array): number | undefined {
  const answer = answerDns(Buffer.from(bytes), NAMES, 'udp');
  if (!answer) return undefined;
  const { id, type } = dnsPacket.decode(answer);
  if (id !== Buffer.from(bytes).readUInt16BE(0) || type !== 'response') {
    throw new Error(`an answer to something else: ${answer.toString('hex')}`);
  }
  const hasEdns = bytes.length > 12 && ((bytes[10] ?? 0) | (bytes[11] ?? 0)) !== 0;
  if (answer.length > 512 && !hasEdns) throw new Error(`${answer.length} bytes by UDP`);
  return answer.length;
}

/** So that bindings, which live for minutes, end as fast as new ones come. */
const MS_BETWEEN_PACKETS = 100;
const POOL = Uint8Array.of(192, 0, 2, 64);
let nowMs = 0;
const translator = new Translator(POOL, () => nowMs);
/** What an IP header can say, and what stands before it in the memory of the translator's loop. */
const LONGEST_PACKET = 65_535;

const LAB_FILES = readdirSync('labs').map((name) => readFileSync(`labs/${name}`, 'utf8'));

export const LAB_DECODERS: readonly Decoder[] = [
  ofBytes({
    name: 'answerDns',
    covers: [],
    seeds: QUERIES,
    decode: answerTo,
  }),
  ofBytes({
    name: 'decodeStun',
    covers: ['lab/stun/message.ts decodeStun'],
    seeds: STUN,
    decode: (bytes) => {
      const message = decodeStun(bytes);
      if (!message) return undefined;
      const answer = answerBinding(message, CLIENT, SERVER);
      return [message, mappedAddress(message), answer && encodeStun(answer.message)];
    },
  }),
  ofBytes({
    name: 'decodeAddress of STUN',
    covers: ['lab/stun/message.ts decodeAddress'],
    seeds: [hex('0001a147e112a643'), hex('0002a1470113a9faa5d3f179bc25f4b5bed2b9d9')],
    decode: decodeAddress,
  }),
  ofBytes({
    name: 'NAT64 Translator',
    covers: [],
    seeds: PACKETS,
    isStateful: true,
    decode: (bytes) => {
      nowMs += MS_BETWEEN_PACKETS;
      // What the device says of checksums and segments.
      const isPartial = (bytes[1] ?? 0) % 4 === 1;
      const isSegmented = (bytes[2] ?? 0) % 4 === 1;
      const packets = translator.translate({ ...packetOf(bytes), isPartial, isSegmented });
      const isTooLong = packets.some(({ start, end }) => end - start > LONGEST_PACKET);
      if (isTooLong) throw new Error('a packet is too long for its header');
      return packets.length === 0 ? undefined : packets.length;
    },
  }),
  ofBytes({
    name: 'IP headers of NAT64',
    covers: [
      ...['lab/nat64/ipv4.ts readIpv4', 'lab/nat64/ipv6.ts readIpv6'],
      ...['lab/nat64/transport.ts readPorts', 'lab/nat64/transport.ts readTcpFlags'],
    ],
    seeds: PACKETS,
    decode: (bytes) => {
      const header = readIpv4(bytes, 0, bytes.length) ?? readIpv6(bytes, 0, bytes.length);
      if (!header) return undefined;
      const { payloadAt, protocol } = header;
      const ports = readPorts(bytes, payloadAt, bytes.length, protocol);
      return [header, ports, readTcpFlags(bytes, payloadAt, bytes.length, protocol)];
    },
  }),
  ofText({
    name: 'parseLabFile',
    covers: ['lab/file/read.ts parseLabFile'],
    seeds: LAB_FILES,
    decode: (text) => parseLabFile(text),
    mayThrow: (error) => error instanceof LabError,
    isSlow: true,
  }),
  ofText({
    name: 'parsePrefix',
    covers: ['lab/addressing/prefix.ts parsePrefix'],
    seeds: ['10.0.0.0/8', '2001:db8::/32', '::ffff:1.2.3.4/96', '192.0.2.1'],
    decode: parsePrefix,
    mayThrow: isInvalidValue,
  }),
  ofText({
    name: 'addressOfReverse',
    covers: [],
    seeds: [REVERSE, '2.1.19.198.in-addr.arpa.', 'server.lab'],
    decode: addressOfReverse,
  }),
  ofText({
    name: 'ipv4OfNat64',
    covers: [],
    seeds: ['64:ff9b::c633:6407', '64:ff9b::1.2.3.4', '::1'],
    decode: ipv4OfNat64,
    mayThrow: isInvalidValue,
  }),
];
