import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directionOfTc, exactDirection } from '@netweir/api';
import { measuredMbitPerSec } from './iperf.test-support.ts';
import { makeWire } from './wire.test-support.ts';

/** What a class gets of its own, and of the one above it, which may send 4 Mbit/s. */
const CLASSES: readonly (readonly [name: string, ownClass: string, mbitPerSec: number])[] = [
  ['borrows what the class above it sends', 'rate 1mbit ceil 50mbit', 4],
  ['borrows no more than its ceil', 'rate 1mbit ceil 2mbit', 2],
  ['has its own rate though the class above it sends less', 'rate 6mbit', 6],
];

for (const [name, ownClass, mbitPerSec] of CLASSES) {
  test(`a class of htb that ${name} is the rate that its packets have`, async (t) => {
    const wire = makeWire(t, `h${mbitPerSec}`);
    const lines = [
      'qdisc add dev v0 root handle 1: htb default 10',
      'class add dev v0 parent 1: classid 1:1 htb rate 4mbit ceil 100mbit',
      `class add dev v0 parent 1:1 classid 1:10 htb ${ownClass}`,
    ];
    const { rate } = exactDirection(directionOfTc(lines.map((line) => `tc ${line}`).join('\n')));
    assert.equal(rate?.bitPerSec, mbitPerSec * 1_000_000);
    wire.tc(...lines);
    // Of a frame of 1514 bytes 1472 are data; 5% for the buckets and the ends of three seconds.
    const expected = (mbitPerSec * 1472) / 1514;
    const measured = await measuredMbitPerSec(t, wire);
    assert.ok(Math.abs(measured - expected) < 0.05 * expected, `${measured} for ${expected}`);
  });
}
