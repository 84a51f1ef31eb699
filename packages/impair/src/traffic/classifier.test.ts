import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { TrafficMatch } from '@netweir/api';
import fc from 'fast-check';
import { Classifier, classifierTable } from './classifier.ts';
import { frameOfPacket, isOfMatch, matches, packets } from './packet.test-support.ts';
import { termsOf } from './term.ts';

const ways = ['egress', 'ingress'] as const;

function classifierOf(rules: readonly TrafficMatch[], way: (typeof ways)[number]): Classifier {
  return new Classifier(classifierTable(rules.map((match) => termsOf(match, new Map(), way))));
}

describe('a classifier', () => {
  test('finds the first rule whose match a packet meets, wherever in memory the frame is', () => {
    const rules = fc.array(matches, { maxLength: 5 });
    const some = fc.array(packets({ plain: false }), { minLength: 20, maxLength: 20 });
    fc.assert(
      fc.property(
        rules,
        some,
        fc.constantFrom(...ways),
        fc.nat({ max: 5 }),
        (rules, some, way, at) => {
          const classifier = classifierOf(rules, way);
          for (const packet of some) {
            const frame = frameOfPacket(packet);
            const memory = new Uint8Array(at + frame.length + 40).fill(0x45);
            memory.set(frame, at);
            const expected = rules.findIndex((match) => isOfMatch(packet, match, way));
            assert.equal(classifier.classify(memory, at, frame.length), expected);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('finds no rule for any beginning of a packet that misses part of its IP header', () => {
    const classifier = classifierOf([{ family: 4 }, { family: 6 }], 'egress');
    fc.assert(
      fc.property(packets({ plain: true }), (packet) => {
        const frame = frameOfPacket(packet);
        const header = 14 + 4 * packet.vlanTags + (packet.family === 4 ? 20 : 40);
        for (let length = 0; length <= frame.length; length++) {
          const expected = length < header ? -1 : packet.family === 4 ? 0 : 1;
          assert.equal(classifier.classify(frame, 0, length), expected);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('takes any bytes, and gives a rule or none', () => {
    const classifier = classifierOf([{ dscp: 0 }, { remotePorts: ['1-1024'] }], 'ingress');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (bytes, isIp) => {
        if (isIp && bytes.length > 14) bytes.set([0x86, 0xdd, 0x60], 12);
        const found = classifier.classify(bytes, 0, bytes.length);
        assert.ok(found >= -1 && found < 2);
      }),
      { numRuns: 5000 },
    );
  });

  test('finds no rule for what is not IP', () => {
    const classifier = classifierOf([{ family: 4 }, { family: 6 }], 'egress');
    const arp = Uint8Array.from([
      ...new Array<number>(12).fill(2),
      0x08,
      0x06,
      ...new Array<number>(46).fill(0x45),
    ]);
    assert.equal(classifier.classify(arp, 0, arp.length), -1);
  });
});
