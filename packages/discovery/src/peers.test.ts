import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Link } from '@netweir/kernel';
import { findPeers, type PeerSpace } from './peers.ts';
import type { InterfaceRecord } from './record.ts';

const NONE = -1;

/** A namespace that knows others by these numbers, and counts how often it is asked. */
class FakeSpace implements PeerSpace {
  readonly id: string;
  readonly key: string;
  readonly records = new Map<number, InterfaceRecord>();
  readonly nsids: Record<string, number>;
  readonly linked: Record<string, Link> = {};
  questions = 0;

  constructor(id: string, nsids: Record<string, number> = {}, key = id) {
    this.id = id;
    this.key = key;
    this.nsids = nsids;
  }

  nsidOf(other: FakeSpace): number {
    this.questions++;
    return this.nsids[other.key] ?? NONE;
  }

  linkOf(nsid: number, ifindex: number): Link | undefined {
    return this.linked[`${nsid} ${ifindex}`];
  }

  with(link: Partial<Link> & { ifindex: number }): this {
    const whole = { name: `if${link.ifindex}`, kind: 'veth', ...link } as Link;
    this.records.set(link.ifindex, { link: whole, addresses: [], qdiscs: [], atMs: 0 });
    return this;
  }
}

function peersOf(spaces: readonly FakeSpace[]): Record<string, unknown> {
  const found = [...findPeers(spaces)].flatMap(([space, peers]) =>
    [...peers].map(([ifindex, peer]) => [
      `${space.id} ${ifindex}`,
      `${peer.space} ${peer.interface} ${peer.ifindex}`,
    ]),
  );
  return Object.fromEntries(found);
}

test('a pair within one namespace is found there', () => {
  const host = new FakeSpace('host')
    .with({ ifindex: 4, linkIfindex: 5 })
    .with({ ifindex: 5, linkIfindex: 4 });
  assert.deepEqual(peersOf([host]), { 'host 4': 'host if5 5', 'host 5': 'host if4 4' });
});

test('a pair across namespaces is found from both ends with one question', () => {
  const host = new FakeSpace('host', { a: 7 }).with({
    ifindex: 9,
    linkIfindex: 2,
    linkNetnsid: 7,
  });
  const a = new FakeSpace('a', { host: 0 }).with({ ifindex: 2, linkIfindex: 9, linkNetnsid: 0 });
  assert.deepEqual(peersOf([host, a]), { 'host 9': 'a if2 2', 'a 2': 'host if9 9' });
  assert.equal(host.questions + a.questions, 1);
});

test('equal indexes in many namespaces are told apart by their nsids', () => {
  const hub = new FakeSpace('hub', { a: 1, b: 2, c: 3 });
  const others = ['a', 'b', 'c'].map((id) =>
    new FakeSpace(id, { hub: 0 }).with({ ifindex: 2, linkIfindex: 2, linkNetnsid: 0 }),
  );
  hub.with({ ifindex: 2, linkIfindex: 2, linkNetnsid: 3 });
  const peers = peersOf([hub, ...others]);
  assert.equal(peers['hub 2'], 'c if2 2');
  assert.equal(peers['c 2'], 'hub if2 2');
});

test('among many equal pairs each finds its other end with one question', () => {
  const spaces = Array.from({ length: 20 }, (_, index) => {
    const other = index ^ 1;
    const space = new FakeSpace(`s${index}`, { [`s${other}`]: 0 });
    const link = { ifindex: 2, linkIfindex: 2, linkNetnsid: 0, address: `02::${index}` };
    space.linked['0 2'] = { name: 'if2', address: `02::${other}` } as Link;
    return space.with(link);
  });
  const peers = peersOf(spaces);
  spaces.forEach((space, index) => {
    assert.equal(peers[`${space.id} 2`], `s${index ^ 1} if2 2`);
  });
  assert.equal(
    spaces.reduce((sum, { questions }) => sum + questions, 0),
    spaces.length / 2,
  );
});

test('a peer in a namespace that is not known has no space and no name', () => {
  const host = new FakeSpace('host', { a: 1 }).with({ ifindex: 9, linkIfindex: 2, linkNetnsid: 8 });
  const a = new FakeSpace('a')
    .with({ ifindex: 2, linkIfindex: 3 })
    .with({ ifindex: 3, linkIfindex: 2 });
  assert.equal(peersOf([host, a])['host 9'], 'null null 2');
});

test('a namespace with two names is a peer under the first, and sees its peers under both', () => {
  const host = new FakeSpace('host', { k: 1 }).with({ ifindex: 9, linkIfindex: 2, linkNetnsid: 1 });
  const end = { ifindex: 2, linkIfindex: 9, linkNetnsid: 0 };
  const first = new FakeSpace('first', { host: 0 }, 'k').with(end);
  const second = new FakeSpace('second', { host: 0 }, 'k').with(end);
  assert.deepEqual(peersOf([host, first, second]), {
    'host 9': 'first if2 2',
    'first 2': 'host if9 9',
    'second 2': 'host if9 9',
  });
});

test('the parent of a macvlan is no peer', () => {
  const host = new FakeSpace('host')
    .with({ ifindex: 4, kind: 'macvlan', linkIfindex: 2 })
    .with({ ifindex: 2, kind: undefined });
  assert.deepEqual(peersOf([host]), {});
});
