import dnsPacket, { type Answer, type Packet, type Question } from 'dns-packet';
import { DOMAIN, type NameRecords } from './names.ts';

/** What answers are made from. */
export interface NameSource {
  find(name: string): NameRecords | undefined;
  namesOf(address: string): readonly string[];
}

/** Names may change at any moment. */
const TTL_S = 1;
/** RFC 1035 section 4.2.1, for who says nothing of larger ones. */
const SMALLEST_UDP_LIMIT = 512;
/** What we take ourselves, and say so (RFC 6891). */
const UDP_PAYLOAD_SIZE = 1232;

/** RFC 1035 section 2.3.4. */
const LONGEST_LABEL = 63;

// RFC 1035 section 4.1.1
const HEADER_LENGTH = 12;
const RESPONSE = 0x8000;
const QUESTION_COUNT_AT = 4;
const ANSWER_COUNT_AT = 6;
const AUTHORITY_COUNT_AT = 8;
const ADDITIONAL_COUNT_AT = 10;
/** OPT (RFC 6891), and TSIG (RFC 8945). */
const MOST_ADDITIONALS = 2;
const FORMERR = 1;
const NXDOMAIN = 3;
const NOTIMP = 4;

/** A zone's own record, so that its absence of a name is remembered for no longer than its names. */
const AUTHORITY: Answer = {
  type: 'SOA',
  name: '.',
  ttl: TTL_S,
  data: {
    mname: `ix.${DOMAIN}`,
    rname: `hostmaster.${DOMAIN}`,
    serial: 1,
    refresh: TTL_S,
    retry: TTL_S,
    expire: TTL_S,
    minimum: TTL_S,
  },
};

/**
 * The answer to a DNS query, both as they travel; undefined for what is no query.
 * @param transport a longer answer by UDP than the client takes is cut to a sign that TCP is to be used
 */
export function answerDns(
  query: Buffer,
  names: NameSource,
  transport: 'udp' | 'tcp',
): Buffer | undefined {
  const packet = decode(query);
  if (packet === undefined) return undefined;
  const response = respond(packet, names);
  const bytes = dnsPacket.encode(response);
  if (transport === 'tcp' || bytes.length <= udpLimit(packet)) return bytes;
  const flags = (response.flags ?? 0) | dnsPacket.TRUNCATED_RESPONSE;
  return dnsPacket.encode({ ...response, flags, answers: [], authorities: [] });
}

function decode(query: Buffer): Packet | undefined {
  if (query.length < HEADER_LENGTH || query.readUInt16BE(2) & RESPONSE) return undefined;
  const id = query.readUInt16BE(0);
  // Of what cannot be read, or has more in it than anybody asks, the number is enough to refuse it.
  const unreadable: Packet = { type: 'query', id, questions: [] };
  if (!isPlain(query)) return unreadable;
  try {
    const packet = dnsPacket.decode(query);
    return packet.questions?.every(({ name }) => isRepeatable(name)) ? packet : unreadable;
  } catch {
    return unreadable;
  }
}

/** To read thousands of records, each of which refers to the one before, would take seconds. */
function isPlain(query: Buffer): boolean {
  return (
    query.readUInt16BE(QUESTION_COUNT_AT) <= 1 &&
    query.readUInt16BE(ANSWER_COUNT_AT) === 0 &&
    query.readUInt16BE(AUTHORITY_COUNT_AT) === 0 &&
    query.readUInt16BE(ADDITIONAL_COUNT_AT) <= MOST_ADDITIONALS
  );
}

/** Whether a name can be written as it was read: bytes that are no text cannot. */
function isRepeatable(name: string): boolean {
  if (name === '.') return true;
  return name.split('.').every((label) => {
    const length = Buffer.byteLength(label);
    return length > 0 && length <= LONGEST_LABEL && !label.includes('\ufffd');
  });
}

function respond(query: Packet, names: NameSource): Packet {
  const { id, questions = [], flags = 0 } = query;
  const opcode = (flags >> 11) & 0xf;
  const [question] = questions;
  const echoed = (flags & dnsPacket.RECURSION_DESIRED) | (opcode << 11);
  const base = {
    type: 'response' as const,
    ...(id !== undefined && { id }),
    questions,
    ...(optOf(query) && {
      additionals: [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: UDP_PAYLOAD_SIZE,
          flags: 0,
          options: [],
        } as never,
      ],
    }),
  };
  const own = echoed | dnsPacket.AUTHORITATIVE_ANSWER | dnsPacket.RECURSION_AVAILABLE;
  if (opcode !== 0) return { ...base, flags: own | NOTIMP };
  if (!question) return { ...base, flags: own | FORMERR };
  const answers = answersTo(question, names);
  if (answers === undefined) {
    return { ...base, flags: own | NXDOMAIN, authorities: [AUTHORITY] };
  }
  return {
    ...base,
    flags: own,
    answers,
    ...(answers.length === 0 && { authorities: [AUTHORITY] }),
  };
}

/** Undefined where there is no such name. */
function answersTo({ name, type }: Question, names: NameSource): Answer[] | undefined {
  const address = addressOfReverse(name);
  if (address !== undefined) {
    const found = names.namesOf(address);
    if (found.length === 0) return undefined;
    const wanted = type === 'PTR' || (type as string) === 'ANY';
    return wanted ? found.map((data) => ({ type: 'PTR', name, ttl: TTL_S, data })) : [];
  }
  const records = names.find(name);
  if (!records) return undefined;
  const all: Answer[] = [
    ...records.addresses.map((data): Answer => {
      return { type: data.includes(':') ? 'AAAA' : 'A', name, ttl: TTL_S, data };
    }),
    ...records.text.map(
      (text): Answer => ({ type: 'TXT', name, ttl: TTL_S, data: inStrings(text) }),
    ),
  ];
  return (type as string) === 'ANY' ? all : all.filter((answer) => answer.type === type);
}

/** The character strings of a TXT record have at most 255 bytes each. */
function inStrings(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const count = Math.max(1, Math.ceil(bytes.length / 255));
  return Array.from({ length: count }, (_, index) =>
    bytes.subarray(255 * index, 255 * (index + 1)),
  );
}

/** The address of a name in in-addr.arpa or ip6.arpa, in its usual form. */
export function addressOfReverse(name: string): string | undefined {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.').reverse();
  const [arpa, kind, ...digits] = labels;
  if (arpa !== 'arpa') return undefined;
  if (kind === 'in-addr' && digits.length === 4) return digits.join('.');
  if (kind !== 'ip6' || digits.length !== 32 || !/^[0-9a-f]{32}$/.test(digits.join('')))
    return undefined;
  const groups = digits.join('').match(/.{4}/g) ?? [];
  // The form that all addresses of a lab are written in.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function optOf(packet: Packet): { readonly udpPayloadSize?: number } | undefined {
  return packet.additionals?.find(({ type }) => type === 'OPT') as never;
}

function udpLimit(query: Packet): number {
  return Math.max(SMALLEST_UDP_LIMIT, optOf(query)?.udpPayloadSize ?? 0);
}
