import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { INVENTORY } from '../test-support/fixtures.ts';
import { fakeTerminal } from '../test-support/run.ts';
import { impairmentText, renderInventory, type Throughput } from './inventory.ts';

const WIDE = `INTERFACE  KIND      STATE       ADDRESSES                    RX     TX  NETWEIR                      LINKED
host
lo         loopback  up                                  1.5 MiB  900 B
eth0       veth      up          10.0.0.1/24 fe80::1/64  1.5 MiB  900 B                               → netns:client/eth0, in br0
down0      veth      down                                1.5 MiB  900 B
nc0        physical  no carrier                          1.5 MiB  900 B
netns:client
lo         loopback  up                                  1.5 MiB  900 B
eth0       veth      up          10.0.0.1/24 fe80::1/64  1.5 MiB  900 B  delay 100ms ±10ms · loss 1%  → ?/ifindex 7
netns:empty
lo         loopback  up                                  1.5 MiB  900 B
`;

describe('the table of the inventory', () => {
  test('has one line for each interface where the output is no terminal', () => {
    assert.equal(renderInventory(INVENTORY, fakeTerminal()), WIDE);
  });

  for (const columns of [90, 100, 120]) {
    test(`fits into ${columns} columns and loses nothing`, () => {
      const text = renderInventory(INVENTORY, fakeTerminal({ columns, rows: 50 }));
      const widest = Math.max(...text.split('\n').map((line) => [...line].length));
      assert.ok(widest <= columns, `${widest} columns:\n${text}`);
      for (const word of ['10.0.0.1/24', 'fe80::1/64', '±10ms', '1%', 'br0']) {
        assert.ok(text.includes(word), `no ${word} in\n${text}`);
      }
    });
  }

  const rates = (): Throughput => ({ rxBitPerSec: 12_345_678, txBitPerSec: 999_900_000 });

  test('shows rates where they are known', () => {
    const text = renderInventory(INVENTORY, fakeTerminal(), rates);
    assert.match(text, /RX RATE {2,}TX RATE/);
    assert.match(text, /900 B {2}12\.3 Mbit\/s {2}1\.0 Gbit\/s {2}delay 100ms/);
  });

  test('with rates fits into 80 columns without the columns that matter least', () => {
    const text = renderInventory(INVENTORY, fakeTerminal({ columns: 80, rows: 50 }), rates);
    const widest = Math.max(...text.split('\n').map((line) => [...line].length));
    assert.ok(widest <= 80, `${widest} columns:\n${text}`);
    assert.match(text, /12\.3 Mbit\/s/);
    assert.doesNotMatch(text, /LINKED/);
  });

  test('is coloured only where the terminal is', () => {
    const plain = renderInventory(INVENTORY, fakeTerminal());
    const colorful = renderInventory(INVENTORY, { colors: true, size: () => undefined });
    assert.ok(!plain.includes('\u001b'));
    assert.ok(colorful.includes('\u001b[32mup\u001b[39m'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of the colours.
    assert.equal(colorful.replace(/\u001b\[\d+m/gu, ''), plain);
  });

  test('shows control characters in names instead of sending them to the terminal', () => {
    const [host] = INVENTORY.spaces;
    assert.ok(host);
    const [lo] = host.interfaces;
    assert.ok(lo);
    const evil = { ...lo, name: 'a\u001b[2Jb' };
    const inventory = { ...INVENTORY, spaces: [{ ...host, interfaces: [evil] }] };
    const text = renderInventory(inventory, fakeTerminal());
    assert.ok(!text.includes('\u001b'));
    assert.ok(text.includes('a\\u{001b}[2Jb'));
  });

  test('of nothing says so', () => {
    assert.equal(
      renderInventory({ ...INVENTORY, spaces: [] }, fakeTerminal()),
      'nothing matches\n',
    );
  });
});

describe('what netweir does, in words', () => {
  test('ends with the end of a lease', () => {
    const egress = { loss: { model: 'random' as const, probability: '1%' } };
    assert.match(
      impairmentText({ egress, ingress: null, expiresAt: '2026-11-22T11:00:00.000Z' }),
      /^loss 1% until 2026-11-2\d \d\d:\d\d:00$/,
    );
  });

  test('is its queue limit where that is all', () => {
    assert.equal(
      impairmentText({ egress: { limitPackets: 5 }, ingress: null, expiresAt: null }),
      'limit 5 packets',
    );
  });

  const LOSS = { loss: { model: 'random' as const, probability: '1%' } };
  const DELAY = { delay: { mean: '100ms' } };

  for (const [egress, ingress, text] of [
    [null, null, ''],
    [DELAY, null, 'delay 100ms'],
    [null, LOSS, 'ingress loss 1%'],
    [DELAY, LOSS, 'egress delay 100ms · ingress loss 1%'],
  ] as const) {
    test(`names a direction only where it could be the other: "${text}"`, () => {
      assert.equal(impairmentText({ egress, ingress, expiresAt: null }), text);
    });
  }

  test('marks what the userspace engine does, in each direction', () => {
    const both = { egress: DELAY, ingress: LOSS, expiresAt: null };
    assert.equal(
      impairmentText({ ...both, egressMechanism: 'netem', ingressMechanism: 'userspace' }),
      'egress delay 100ms · ingress loss 1% (userspace)',
    );
    assert.equal(
      impairmentText({ ...both, ingress: null, egressMechanism: 'userspace' }),
      'delay 100ms (userspace)',
    );
  });
});
