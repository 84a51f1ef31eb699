import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isNetweirError } from './errors/netweir-error.ts';
import type { Inventory } from './inventory.ts';
import { parseTarget, selectTarget } from './target.ts';

const counters = {
  atMs: 0,
  rxBytes: 0,
  txBytes: 0,
  rxPackets: 0,
  txPackets: 0,
  rxDropped: 0,
  txDropped: 0,
  rxErrors: 0,
  txErrors: 0,
};

function space(id: string, names: string[]): Inventory['spaces'][number] {
  const interfaces = names.map((name, index) => ({
    ifindex: index + 1,
    name,
    kind: 'veth',
    up: true,
    carrier: true,
    operstate: 'up',
    mtu: 1500,
    mac: null,
    addresses: [],
    master: null,
    peer: null,
    network: null,
    qdiscs: [],
    egress: null,
    ingress: null,
    expiresAt: null,
    rule: null,
    counters,
  }));
  return {
    id,
    kind: id === 'host' ? 'host' : 'netns',
    name: id,
    aliases: [],
    inode: 1,
    command: null,
    containers: [],
    interfaces,
  };
}

const inventory: Inventory = {
  hostname: 'h',
  kernel: 'k',
  unreadable: [],
  runtimes: [],
  stopped: [],
  probes: [],
  spaces: [
    space('host', ['lo', 'eth0']),
    space('netns:lab-a', ['lo', 'eth0', 'eth1']),
    space('netns:lab-b', ['lo']),
  ],
};

function named(text: string): string[] {
  return selectTarget(inventory, parseTarget(text)).map((s) => `${s.space.id}/${s.interface.name}`);
}

describe('a target', () => {
  const selections: [string, string[]][] = [
    ['eth0', ['host/eth0']],
    ['host/eth0', ['host/eth0']],
    ['host', ['host/eth0']],
    ['netns:lab-a', ['netns:lab-a/eth0', 'netns:lab-a/eth1']],
    ['netns:lab-a/eth?', ['netns:lab-a/eth0', 'netns:lab-a/eth1']],
    ['netns:*/eth0', ['netns:lab-a/eth0']],
    ['*', ['host/lo', 'host/eth0']],
  ];
  for (const [text, expected] of selections) {
    test(`${text} means ${expected.join(' and ')}`, () => assert.deepEqual(named(text), expected));
  }

  const refused: [string, string, RegExp][] = [
    ['', 'invalid-target', /empty/],
    ['eth0/', 'invalid-target', /no space/],
    ['host/', 'invalid-target', /empty/],
    ['../etc/passwd', 'invalid-target', /no space/],
    ['netns:../x', 'invalid-target', /cannot be the name of a namespace/],
    ['netns:/eth0', 'invalid-target', /cannot be the name of a namespace/],
    ['netns:a/b/c', 'invalid-target', /cannot be the name of an interface/],
    ['docker:web/eth0', 'invalid-target', /no space that netweir knows/],
    ['sixteen-chars-xx', 'invalid-target', /longer than 15 bytes/],
    ['ääääääää', 'invalid-target', /longer than 15 bytes/],
    ['et h0', 'invalid-target', /cannot be the name/],
    ['netns:a\nb/eth0', 'invalid-target', /cannot be the name/],
    ['eth7', 'no-such-interface', /eth7/],
    ['netns:gone/eth0', 'no-such-space', /netns:gone/],
    ['netns:lab-b', 'no-such-interface', /no interface but lo/],
  ];
  for (const [text, code, message] of refused) {
    test(`${JSON.stringify(text)} is refused with ${code} and what to write`, () => {
      try {
        named(text);
        assert.fail('it was accepted');
      } catch (error) {
        assert.ok(isNetweirError(error), String(error));
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.ok(error.remedy);
      }
    });
  }
});
