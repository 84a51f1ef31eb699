import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { foldChecksum, parseIpAddress, sumWords } from '@netweir/kernel';
import fc from 'fast-check';
import { ipv4Packet, type NewIpv4, readIpv4 } from './ipv4.ts';
import { ipv6Packet, readIpv6 } from './ipv6.ts';
import { contentOf, type Packet, packetOf } from './packet.ts';
import { Translator } from './translator.ts';

/**
 * Packets in hexadecimal between the client 2001:db8:1:1::2, whose port is 40000, or its echo 0x1234, and the
 * server 198.51.100.7 at port 53 or 80, with 192.0.2.64 as the translator's address; made by a program
 * of other hands (Python's struct and ipaddress).
 */
const GOLDEN = {
  udpOut: {
    given:
      '6b800000000f113f20010db80001000100000000000000020064ff9b0000000000000000c63364079c400035000f511c6e657477656972',
    wanted: '45b800230001000040118d96c0000240c63364079c400035000fbc986e657477656972',
  },
  udpIn: {
    given: '450200230000400032115c4dc6336407c000024000359c40000fbc986e657477656972',
    wanted:
      '60200000000f11330064ff9b0000000000000000c633640720010db800010001000000000000000200359c40000f511c6e657477656972',
  },
  udpZero: {
    given: '450000230000400032115c4fc6336407c000024000359c40000f00006e657477656972',
    wanted:
      '60000000000f11330064ff9b0000000000000000c633640720010db800010001000000000000000200359c40000f511c6e657477656972',
  },
  tcpOut: {
    given:
      '600000000014064020010db80001000100000000000000020064ff9b0000000000000000c63364079c400050000003e8000000005002faf0bc810000',
    wanted: '450000280001000041068d54c0000240c63364079c400050000003e8000000005002faf027fe0000',
  },
  tcpIn: {
    given: '450000280000400040064e55c6336407c000024000509c40000003e8000000005012faf027ee0000',
    wanted:
      '60000000001406410064ff9b0000000000000000c633640720010db800010001000000000000000200509c40000003e8000000005012faf0bc710000',
  },
  echoOut: {
    given:
      '60000000000f3a4020010db80001000100000000000000020064ff9b0000000000000000c633640780005b42123400016e657477656972',
    wanted: '450000230001000041018d5ec0000240c633640708002b84123400016e657477656972',
  },
  echoIn: {
    given: '450000230000400040014e5fc6336407c000024000003384123400016e657477656972',
    wanted:
      '60000000000f3a410064ff9b0000000000000000c633640720010db800010001000000000000000281005a42123400016e657477656972',
  },
  timeExceeded: {
    given:
      '4500003f0000400040013c7ccb007101c00002400b00e19b0000000045000023000100000111cd4ec0000240c63364079c400035000fbc986e657477656972',
    wanted:
      '60000000003f3a410064ff9b0000000000000000cb00710120010db8000100010000000000000002030021d70000000060000000000f110120010db80001000100000000000000020064ff9b0000000000000000c63364079c400035000f511c6e657477656972',
  },
  fragNeeded: {
    given:
      '4500003f0000400040013c7ccb007101c00002400304e41f0000057845000023000100000111cd4ec0000240c63364079c400035000fbc986e657477656972',
    wanted:
      '60000000003f3a410064ff9b0000000000000000cb00710120010db800010001000000000000000202001d4b0000058c60000000000f110120010db80001000100000000000000020064ff9b0000000000000000c63364079c400035000f511c6e657477656972',
  },
  unreachableEcho: {
    given:
      '4500003f0000400040014e43c6336407c00002400301fcfe0000000045000023000100000101cd5ec0000240c633640708002b84123400016e657477656972',
    wanted:
      '60000000003f3a410064ff9b0000000000000000c633640720010db800010001000000000000000201000cc70000000060000000000f3a0120010db80001000100000000000000020064ff9b0000000000000000c633640780005b42123400016e657477656972',
  },
  tooBig: {
    given:
      '60000000003f3a4020010db80001000100000000000000010064ff9b0000000000000000c633640702002ea5000005c860000000000f11330064ff9b0000000000000000c633640720010db800010001000000000000000200359c40000f511c6e657477656972',
    wanted:
      '4500003f0002000041018d41c0000240c63364070304e3e3000005b4450000230000400033115b4fc6336407c000024000359c40000fbc986e657477656972',
  },
  portUnreachable: {
    given:
      '60000000003f3a4020010db80001000100000000000000020064ff9b0000000000000000c6336407010435680000000060000000000f11330064ff9b0000000000000000c633640720010db800010001000000000000000200359c40000f511c6e657477656972',
    wanted:
      '4500003f0002000041018d41c0000240c63364070303e99800000000450000230000400033115b4fc6336407c000024000359c40000fbc986e657477656972',
  },
} as const;

const bytes = (text: string): Uint8Array => parseIpAddress(text).bytes;
const POOL = bytes('192.0.2.64');
const CLIENT = bytes('2001:db8:1:1::2');
const SERVER = bytes('198.51.100.7');
const SERVER_V6 = bytes('64:ff9b::198.51.100.7');

const hex = (packet: Packet | undefined): string =>
  packet ? Buffer.from(contentOf(packet)).toString('hex') : 'nothing';
const given = (text: string): Packet => packetOf(Buffer.from(text, 'hex'));
const newTranslator = (): Translator => new Translator(POOL, () => 0);
const only = (packets: readonly Packet[]): Packet | undefined => {
  assert.ok(packets.length <= 1);
  return packets[0];
};

describe('A packet is translated as RFC 7915 says', () => {
  for (const name of ['udpOut', 'tcpOut', 'echoOut'] as const) {
    test(`out: ${name}`, () => {
      const packet = only(newTranslator().translate(given(GOLDEN[name].given)));
      assert.equal(hex(packet), GOLDEN[name].wanted);
    });
  }

  const answers = {
    udpIn: 'udpOut',
    udpZero: 'udpOut',
    tcpIn: 'tcpOut',
    echoIn: 'echoOut',
    timeExceeded: 'udpOut',
    fragNeeded: 'udpOut',
    unreachableEcho: 'echoOut',
    tooBig: 'udpOut',
    portUnreachable: 'udpOut',
  } as const;
  for (const [name, before] of Object.entries(answers)) {
    const { given: packet, wanted } = GOLDEN[name as keyof typeof answers];
    test(`in answer to ${before}: ${name}`, () => {
      const translator = newTranslator();
      translator.translate(given(GOLDEN[before].given));
      assert.equal(hex(only(translator.translate(given(packet)))), wanted);
    });

    test(`and not without it: ${name}`, () => {
      assert.deepEqual(newTranslator().translate(given(packet)), []);
    });
  }

  test('a partial checksum stays one: what is left to the device is left to it', () => {
    const whole = given(GOLDEN.udpOut.given);
    const at = whole.end - 15 + 6;
    const pseudo = sumWords(whole.bytes, whole.start + 8, whole.start + 40, 15 + 17);
    const partial = ~foldChecksum(pseudo) & 0xffff;
    new DataView(whole.bytes.buffer).setUint16(at, partial);
    const [out] = newTranslator().translate({ ...whole, isPartial: true });
    assert.ok(out?.isPartial);
    const sum = foldChecksum(sumWords(out.bytes, out.end - 15, out.end, 0));
    new DataView(out.bytes.buffer).setUint16(at, sum);
    assert.equal(hex(out), GOLDEN.udpOut.wanted);
  });

  test('what is not for the prefix, not whole or not known is not translated', () => {
    const { given: text } = GOLDEN.udpOut;
    const translator = newTranslator();
    const elsewhere = text.replace('0064ff9b', '0064ff9c');
    const cutOff = text.slice(0, -2);
    const unknown = `${text.slice(0, 12)}84${text.slice(14)}`;
    for (const each of [elsewhere, cutOff, unknown, text.slice(0, 60), '', '00', '45']) {
      assert.deepEqual(translator.translate(given(each)), [], each);
    }
    assert.deepEqual(translator.translate(given(GOLDEN.tcpIn.given)), []);
  });

  test('any bytes are survived', () => {
    const translator = newTranslator();
    translator.translate(given(GOLDEN.udpOut.given));
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(GOLDEN)),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 8 }),
        fc.nat(120),
        ({ given: text }, changes, length) => {
          const content = Buffer.from(text, 'hex');
          for (const [at, byte] of changes) if (at < content.length) content[at] = byte;
          translator.translate(packetOf(content.subarray(0, content.length - (length % 20))));
        },
      ),
    );
  });
});

describe('Fragments', () => {
  const payload = fc.uint8Array({ minLength: 9, maxLength: 6000 });

  /** A UDP datagram without its checksum. */
  const datagram = (source: number, destination: number, data: Uint8Array): Uint8Array => {
    const view = new DataView(new ArrayBuffer(8 + data.length));
    view.setUint16(0, source);
    view.setUint16(2, destination);
    view.setUint16(4, 8 + data.length);
    const all = new Uint8Array(view.buffer);
    all.set(data, 8);
    return all;
  };
  const header: NewIpv4 = {
    typeOfService: 0,
    identification: 99,
    dontFragment: false,
    timeToLive: 64,
    protocol: 17,
    source: SERVER,
    destination: POOL,
    payloadLength: 0,
  };

  /** A packet of IPv4 in fragments of 1000 bytes. */
  const fragments = (whole: Uint8Array): Packet[] =>
    Array.from({ length: Math.ceil(whole.length / 1000) }, (_, index) => {
      const piece = whole.subarray(1000 * index, 1000 * index + 1000);
      const packet = ipv4Packet(header, piece);
      const isLast = 1000 * (index + 1) >= whole.length;
      const flags = (isLast ? 0 : 0x2000) | (125 * index);
      new DataView(packet.bytes.buffer).setUint16(packet.start + 6, flags);
      return packet;
    });

  test('arrive as one datagram, in fragments that every link carries, with a right checksum', () => {
    fc.assert(
      fc.property(payload, fc.boolean(), (data, backwards) => {
        const translator = newTranslator();
        translator.translate(given(GOLDEN.udpOut.given));
        const whole = datagram(53, 40_000, data);
        const given4 = fragments(whole);
        if (backwards) given4.reverse();
        const out = given4.flatMap((packet) => [...translator.translate(packet)]);
        const parts = out.map((packet) => {
          assert.ok(packet.end - packet.start <= 1280);
          const read = readIpv6(packet.bytes, packet.start, packet.end);
          assert.ok(read);
          assert.deepEqual([read.source, read.destination], [SERVER_V6, CLIENT]);
          return { read, content: packet.bytes.subarray(read.payloadAt, packet.end) };
        });
        const joined = Buffer.concat(parts.map(({ content }) => content));
        assert.deepEqual(joined.subarray(8), Buffer.from(data));
        const pseudo = sumWords(SERVER_V6, 0, 16, sumWords(CLIENT, 0, 16, 17 + joined.length));
        assert.equal(foldChecksum(sumWords(joined, 0, joined.length, pseudo)), 0);
        assert.equal(parts.at(-1)?.read.fragment?.more ?? false, false);
      }),
      { numRuns: 50 },
    );
  });

  test('of a client may be fragmented again', () => {
    const translator = newTranslator();
    const whole = datagram(40_000, 53, new Uint8Array(3000).fill(7));
    const out = [0, 1].flatMap((index) => {
      const piece = whole.subarray(1504 * index, 1504 * index + 1504);
      const content = new Uint8Array(8 + piece.length);
      content[0] = 17;
      new DataView(content.buffer).setUint16(2, (1504 * index) | (index === 0 ? 1 : 0));
      content.set(piece, 8);
      const fragment = ipv6Packet(
        {
          trafficClass: 0,
          hopLimit: 64,
          protocol: 44,
          source: CLIENT,
          destination: SERVER_V6,
          payloadLength: 0,
        },
        content,
      );
      return [...translator.translate(fragment)];
    });
    const packet = only(out);
    const read = packet && readIpv4(packet.bytes, packet.start, packet.end);
    assert.equal(read?.dontFragment, false);
    assert.equal(read?.payloadLength, 3008);
  });

  test('that do not make a whole, or overlap, make nothing', () => {
    const translator = newTranslator();
    translator.translate(given(GOLDEN.udpOut.given));
    const [first, second, third] = fragments(datagram(53, 40_000, new Uint8Array(2500)));
    assert.ok(first && second && third);
    assert.deepEqual(translator.translate(first), []);
    assert.deepEqual(translator.translate(third), []);
    const overlapping = ipv4Packet(header, new Uint8Array(1016));
    new DataView(overlapping.bytes.buffer).setUint16(overlapping.start + 6, 0x2000 | 124);
    assert.deepEqual(translator.translate(overlapping), []);
  });
});
