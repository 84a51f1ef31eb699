import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KernelError } from '../errors.ts';
import { addClass, deleteClass, dumpClasses, replaceClass } from './class.ts';
import { dumpFilters } from './filter.ts';
import type { HtbClass } from './htb.ts';
import { ingressPlace } from './ingress.ts';
import { addQdisc, changeQdisc, deleteQdisc, dumpQdiscs, replaceQdisc } from './qdisc.ts';
import { rateSpec } from './ratespec.ts';
import { handle, TC_H_CLSACT_EGRESS, TC_H_CLSACT_INGRESS } from './tcmsg.ts';
import { makeWire, type Wire } from './witness.test-support.ts';

const htbClass: HtbClass = {
  kind: 'htb',
  rate: rateSpec(1_250_000),
  ceil: rateSpec(2_500_000),
  burstBytes: 15_360,
  cburstBytes: 16_384,
  quantumBytes: 6000,
  prio: 2,
};

function errnoName(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof KernelError) return error.errnoName;
    throw error;
  }
  return 'no error';
}

/** htb 4e57: with class 4e57:10 and a pfifo 5: in it. */
function buildTree({ space, root }: Wire): void {
  const major = handle(0x4e57);
  const place = { ...root, parent: major, handle: handle(0x4e57, 0x10) };
  const results = space.socket.batch([
    addQdisc({ ...root, handle: major }, { kind: 'htb', defaultMinor: 0x10, rate2quantum: 10 }),
    addClass(place, htbClass),
    addQdisc(
      { ...root, parent: place.handle, handle: handle(5) },
      { kind: 'pfifo', limitPackets: 77 },
    ),
  ]);
  assert.deepEqual(results, [undefined, undefined, undefined]);
}

describe('Qdiscs on the running kernel', () => {
  test('a token bucket has the rate, burst and limit that tc shows, and changes in place', (t) => {
    const { space, root, tc, qdiscs } = makeWire(t, 'tbf');
    const place = { ...root, handle: handle(0x4e57) };
    const peak = { rate: rateSpec(250_000), burstBytes: 1540 };
    const small = { kind: 'tbf', rate: rateSpec(125_000), limitBytes: 20_000 } as const;
    space.socket.request(addQdisc(place, { ...small, burstBytes: 10_240, peak }));
    assert.deepEqual(
      tc().map(({ handle, options }) => ({ handle, ...options })),
      [{ handle: '4e57:', rate: 125_000, burst: 10_240, minburst: 1540, lat: 78_080 }],
    );
    assert.deepEqual(qdiscs()[0]?.options, { ...small, burstBytes: 10_240, peak });

    const rate = rateSpec(5_000_000_000);
    space.socket.request(
      replaceQdisc(place, { kind: 'tbf', rate, limitBytes: 30_000, burstBytes: 1_048_576 }),
    );
    const [shown] = tc();
    assert.deepEqual([shown?.handle, shown?.options.rate], ['4e57:', 5_000_000_000]);
    const options = qdiscs()[0]?.options;
    assert.ok(options?.kind === 'tbf');
    assert.equal(options.rate.bytesPerSecond, 5_000_000_000);
    // One tick of 64 ns is worth 320 bytes at this rate, and the kernel rounds to it.
    assert.ok(Math.abs(options.burstBytes - 1_048_576) <= 320, String(options.burstBytes));
  });

  test('a tree of htb, class and pfifo is as tc shows it', (t) => {
    const wire = makeWire(t, 'htb');
    buildTree(wire);
    const { space, root, tc, qdiscs } = wire;
    assert.deepEqual(
      tc().map(({ kind, handle, parent, options }) => [kind, handle, parent, options]),
      [
        [
          'htb',
          '4e57:',
          undefined,
          { r2q: 10, default: '0x10', direct_packets_stat: 0, direct_qlen: 1000 },
        ],
        ['pfifo', '5:', '4e57:10', { limit: 77 }],
      ],
    );
    assert.match(
      space.run('tc', '-d', 'class', 'show', 'dev', 'v0'),
      /^class htb 4e57:10 root leaf 5: prio 2 quantum 6000 rate 10Mbit ceil 20Mbit linklayer ethernet burst 15Kb\/1 mpu 0b cburst 16Kb\/1 mpu 0b level 0/,
    );
    const [shown] = space.socket.dump(dumpClasses(root.ifindex));
    assert.deepEqual(shown?.options, htbClass);
    assert.deepEqual([shown?.handle, shown?.leaf], [handle(0x4e57, 0x10), handle(5)]);
    assert.deepEqual(
      qdiscs().map(({ options }) => options?.kind),
      ['htb', 'pfifo'],
    );
  });

  test('a class changes in place and goes when its qdisc has let it go', (t) => {
    const wire = makeWire(t, 'cls');
    buildTree(wire);
    const { space, root } = wire;
    const place = { ...root, parent: handle(0x4e57), handle: handle(0x4e57, 0x10) };
    const rate = rateSpec(5_000_000_000);
    space.socket.request(replaceClass(place, { ...htbClass, rate, ceil: rate }));
    assert.match(space.run('tc', 'class', 'show', 'dev', 'v0'), / rate 40Gbit ceil 40Gbit /);
    assert.equal(
      errnoName(() => space.socket.request(addClass(place, htbClass))),
      'EEXIST',
    );
    space.socket.request(deleteClass(place));
    assert.equal(space.run('tc', 'class', 'show', 'dev', 'v0'), '');
  });

  test('a tree goes back from the raw options of its dump as it was', (t) => {
    const wire = makeWire(t, 'raw');
    buildTree(wire);
    const { space, root, tc, qdiscs } = wire;
    const before = { tc: tc(), classes: space.run('tc', '-d', 'class', 'show', 'dev', 'v0') };
    const recorded = qdiscs();
    const classes = space.socket.dump(dumpClasses(root.ifindex));
    space.socket.request(deleteQdisc({ ...root, kind: 'htb' }));
    assert.deepEqual(
      tc().map(({ kind }) => kind),
      ['noqueue'],
    );

    const [htb, pfifo] = recorded;
    const [inner] = classes;
    assert.ok(htb && pfifo && inner);
    const raw = ({ kind, rawOptions }: { kind: string; rawOptions: Uint8Array | undefined }) => ({
      kind,
      rawOptions,
    });
    // A class directly below its qdisc is dumped with parent TC_H_ROOT, which htb takes back, too.
    const results = space.socket.batch([
      addQdisc({ ...htb, target: 'v0' }, raw(htb)),
      addClass({ ...inner, target: 'v0' }, raw(inner)),
      addQdisc({ ...pfifo, target: 'v0' }, raw(pfifo)),
    ]);
    assert.deepEqual(results, [undefined, undefined, undefined]);
    assert.deepEqual(
      { tc: tc(), classes: space.run('tc', '-d', 'class', 'show', 'dev', 'v0') },
      before,
    );
  });

  test('only what was asked for is deleted or changed', (t) => {
    const { space, root, tc } = makeWire(t, 'del');
    const pfifo = { kind: 'pfifo', limitPackets: 9 } as const;
    assert.equal(
      errnoName(() => space.socket.request(changeQdisc(root, pfifo))),
      'ENOENT',
    );
    space.socket.request(addQdisc(root, pfifo));
    assert.equal(
      errnoName(() => space.socket.request(addQdisc(root, pfifo))),
      'EEXIST',
    );
    assert.equal(
      errnoName(() => space.socket.request(deleteQdisc({ ...root, kind: 'netem' }))),
      'EINVAL',
    );
    assert.equal(tc()[0]?.kind, 'pfifo');
    space.socket.request(deleteQdisc({ ...root, kind: 'pfifo' }));
    assert.equal(tc()[0]?.kind, 'noqueue');
  });

  test('a hidden queue is listed on demand', (t) => {
    const { space, root } = makeWire(t, 'inv');
    space.socket.request(
      addQdisc(root, {
        kind: 'tbf',
        rate: rateSpec(125_000),
        limitBytes: 20_000,
        burstBytes: 4096,
      }),
    );
    const kinds = (invisible: boolean) =>
      space.socket.dump(dumpQdiscs(root.ifindex, { invisible })).map(({ kind }) => kind);
    assert.deepEqual(kinds(false), ['tbf']);
    assert.deepEqual(kinds(true), ['tbf', 'bfifo']);
  });

  test('clsact is found with its filters, and goes', (t) => {
    const { space, root, tc, qdiscs } = makeWire(t, 'act');
    space.socket.request(addQdisc({ ...root, ...ingressPlace }, { kind: 'clsact' }));
    assert.deepEqual(
      tc().map(({ kind, handle, parent }) => [kind, handle, parent]),
      [
        ['noqueue', '0:', undefined],
        ['clsact', 'ffff:', 'ffff:fff1'],
      ],
    );
    assert.deepEqual(qdiscs()[1]?.options, { kind: 'clsact' });
    const filter = 'tc filter add dev v0 ingress protocol ipv6 prio 5 u32 match u32 0 0';
    space.run(...filter.split(' '));
    const filters = (parent: number) => space.socket.dump(dumpFilters(root.ifindex, parent));
    const found = filters(TC_H_CLSACT_INGRESS).filter(({ rawOptions }) => rawOptions);
    assert.ok(found.length > 0);
    for (const { kind, prio, protocol } of found) {
      assert.deepEqual([kind, prio, protocol], ['u32', 5, 0x86dd]);
    }
    assert.deepEqual(filters(TC_H_CLSACT_EGRESS), []);
    space.socket.request(deleteQdisc({ ...root, ...ingressPlace, kind: 'clsact' }));
    assert.equal(tc().length, 1);
  });
});
