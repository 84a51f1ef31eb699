import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import dnsPacket, { type Packet, type RecordType } from 'dns-packet';
import { addressOfReverse, answerDns, type NameSource } from './dns-answer.ts';

const many = Array.from({ length: 100 }, (_, index) => `2001:db8::${index + 1}`);
const RECORDS = new Map([
  ['server.lab', { addresses: ['198.19.1.2', '2001:db8:1:1::2'], text: [] }],
  ['notes.lab', { addresses: [], text: ['x'.repeat(300)] }],
  ['many.lab', { addresses: many, text: [] }],
  ['lab', { addresses: [], text: [] }],
]);
const names: NameSource = {
  find: (name) => RECORDS.get(name.toLowerCase()),
  namesOf: (address) => (address === '2001:db8:1:1::2' ? ['server.lab'] : []),
};

function ask(name: string, type: string, query: Partial<Packet> = {}, by: 'udp' | 'tcp' = 'udp') {
  const questions = [{ name, type: type as RecordType }];
  const bytes = dnsPacket.encode({ type: 'query', id: 7, questions, ...query });
  const answer = answerDns(bytes, names, by);
  assert.ok(answer);
  const decoded = dnsPacket.decode(answer) as unknown as Packet & {
    rcode: string;
    flag_tc: boolean;
  };
  assert.equal(decoded.id, 7);
  return decoded;
}
const dataOf = ({ answers = [] }: Packet) =>
  answers.map((answer) => 'data' in answer && answer.data);

describe('An answer of the name server', () => {
  test('has the addresses of the family that is asked for, for a second', () => {
    assert.deepEqual(dataOf(ask('server.lab', 'A')), ['198.19.1.2']);
    assert.deepEqual(dataOf(ask('server.lab', 'AAAA')), ['2001:db8:1:1::2']);
    assert.deepEqual(dataOf(ask('SERVER.lab', 'ANY')), ['198.19.1.2', '2001:db8:1:1::2']);
    const [answer] = ask('server.lab', 'A').answers ?? [];
    assert.equal(answer && 'ttl' in answer && answer.ttl, 1);
  });

  test('tells a name without such records from no name', () => {
    for (const name of ['server.lab', 'lab']) {
      const nothing = ask(name, 'MX');
      assert.deepEqual([nothing.rcode, nothing.answers?.length], ['NOERROR', 0]);
      assert.equal(nothing.authorities?.[0]?.type, 'SOA');
    }
    assert.equal(ask('nobody.lab', 'A').rcode, 'NXDOMAIN');
    assert.equal(ask('example.com', 'A').rcode, 'NXDOMAIN');
  });

  test('has a long text in several strings', () => {
    const [strings] = dataOf(ask('notes.lab', 'TXT'));
    assert.deepEqual((strings as Buffer[]).map(String), ['x'.repeat(255), 'x'.repeat(45)]);
  });

  test('has the name of an address', () => {
    const reverse = '2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa';
    assert.equal(addressOfReverse(reverse), '2001:db8:1:1::2');
    assert.equal(addressOfReverse('2.1.19.198.in-addr.arpa.'), '198.19.1.2');
    assert.equal(addressOfReverse('server.lab'), undefined);
    assert.deepEqual(dataOf(ask(reverse, 'PTR')), ['server.lab']);
    assert.equal(ask('9.9.9.9.in-addr.arpa', 'PTR').rcode, 'NXDOMAIN');
  });

  test('is cut where the client takes no longer one by UDP, and whole by TCP', () => {
    const short = ask('many.lab', 'AAAA');
    assert.deepEqual([short.flag_tc, short.answers?.length], [true, 0]);
    const opt = { type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0, options: [] } as never;
    const long = ask('many.lab', 'AAAA', { additionals: [opt] });
    assert.deepEqual([long.flag_tc, long.answers?.length], [false, 100]);
    assert.equal(long.additionals?.[0]?.type, 'OPT');
    assert.equal(ask('many.lab', 'AAAA', {}, 'tcp').answers?.length, 100);
  });

  test('refuses what it does not understand, and there is none to what is no query', () => {
    assert.equal(ask('server.lab', 'A', { flags: 2 << 11 }).rcode, 'NOTIMP');
    assert.equal(ask('server.lab', 'A', { questions: [] }).rcode, 'FORMERR');
    const broken = Buffer.from('000701000001000000000000ff', 'hex');
    const answer = answerDns(broken, names, 'udp');
    assert.ok(answer);
    assert.equal((dnsPacket.decode(answer) as unknown as { rcode: string }).rcode, 'FORMERR');
    assert.equal(answerDns(Buffer.alloc(5), names, 'udp'), undefined);
    const response = dnsPacket.encode({ type: 'response', id: 7, questions: [] });
    assert.equal(answerDns(response, names, 'udp'), undefined);
  });

  test('is never longer by UDP than the client takes, whatever it asks', () => {
    const question = Buffer.from('01610000010001', 'hex');
    // Names that are continued by the ones before them, each longer than the last.
    const questions = Array.from({ length: 80 }, (_, index) => {
      const before = index === 0 ? 12 : 12 + question.length + 8 * (index - 1);
      return Buffer.from([1, 0x61, 0xc0 | (before >> 8), before & 0xff, 0, 1, 0, 1]);
    });
    const head = Buffer.from([0, 7, 1, 0, 0, questions.length + 1, 0, 0, 0, 0, 0, 0]);
    const answer = answerDns(Buffer.concat([head, question, ...questions]), names, 'udp');
    assert.ok(answer && answer.length <= 512, `${answer?.length} bytes`);
    assert.equal((dnsPacket.decode(answer) as unknown as { rcode: string }).rcode, 'FORMERR');
  });

  test('one with records that no question has is refused without being read', () => {
    const question = Buffer.from(
      dnsPacket.encode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'server.lab' }] }),
    );
    for (const count of [6, 8, 10]) {
      const query = Buffer.concat([question, Buffer.alloc(14_000, 0xc0)]);
      query.writeUInt16BE(0xfffb, count);
      const answer = answerDns(query, names, 'udp');
      assert.ok(answer);
      assert.equal((dnsPacket.decode(answer) as unknown as { rcode: string }).rcode, 'FORMERR');
    }
  });

  test('can be read, however strange the name that is asked for', () => {
    const labels = ['ff'.repeat(63), '00', '2e2e', '2e', 'c3a4', '2e61', '612e'];
    for (const label of labels) {
      const name = Buffer.from(
        `${(label.length / 2).toString(16).padStart(2, '0')}${label}`,
        'hex',
      );
      const head = Buffer.from('000701000001000000000000', 'hex');
      const query = Buffer.concat([head, name, Buffer.from('0000010001', 'hex')]);
      const answer = answerDns(query, names, 'udp');
      assert.ok(answer, label);
      const decoded = dnsPacket.decode(answer) as unknown as Packet & { rcode: string };
      assert.equal(decoded.id, 7);
      assert.match(decoded.rcode, /^(?:NXDOMAIN|FORMERR)$/, label);
    }
  });
});
