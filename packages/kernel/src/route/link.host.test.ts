import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NetlinkSocket } from '../netlink/socket.ts';
import { addAddress } from './address.ts';
import type { Link } from './link.ts';
import * as change from './link-change.ts';
import { addBridge, addDummy, addIfb, addMacvlan, addVeth } from './link-create.ts';
import { dumpLinks, getLink, getLinkMtu } from './link-query.ts';
import { visitLinkStats } from './link-stats.ts';
import { atOnce, type IpLink, ip, makeSpace, type Space } from './witness.test-support.ts';

describe('Links on the running kernel', () => {
  test('a veth has each end in its own namespace, as ip sees it from both', (t) => {
    const [left, right] = [makeSpace(t, 'a'), makeSpace(t, 'b')];
    // The request goes through a third namespace's socket: both ends are placed by descriptor.
    const socket = new NetlinkSocket();
    t.after(() => socket.close());
    socket.request(
      addVeth(
        { name: 'eth0', mtu: 1400, address: '02:00:00:00:00:0a', netnsFd: left.netns.fd },
        { name: 'eth0', mtu: 1300, address: '02:00:00:00:00:0b', netnsFd: right.netns.fd },
      ),
    );
    const [a, b] = [ipLink(left, 'eth0'), ipLink(right, 'eth0')];
    assert.deepEqual(
      [a.mtu, a.address, a.linkinfo?.info_kind],
      [1400, '02:00:00:00:00:0a', 'veth'],
    );
    assert.deepEqual(
      [b.mtu, b.address, b.linkinfo?.info_kind],
      [1300, '02:00:00:00:00:0b', 'veth'],
    );
    assert.equal(a.link_index, b.ifindex);
    const link = ourLink(left, 'eth0');
    assert.equal(link.linkIfindex, b.ifindex);
    assert.equal(link.linkNetnsid, a.link_netnsid);
    assert.deepEqual(left.socket.query(getLinkMtu({ name: 'eth0' })), [1400]);
    assert.deepEqual(right.socket.query(getLinkMtu({ ifindex: b.ifindex })), [1300]);
    agree(left);
    agree(right);
  });

  test('a bridge has no spanning tree and no delay, and takes and gives up a port', (t) => {
    const space = makeSpace(t, 'a');
    const { socket } = space;
    socket.request(addBridge({ name: 'br0', address: '02:00:00:00:00:01' }));
    socket.request(addVeth({ name: 'v0' }, { name: 'v1' }));
    const bridge = ipLink<{ linkinfo: { info_data: object } }>(space, 'br0');
    const { stp_state, forward_delay, mcast_snooping } = { ...bridge.linkinfo.info_data } as Record<
      string,
      number
    >;
    assert.deepEqual([stp_state, forward_delay, mcast_snooping], [0, 0, 1]);
    socket.request(addBridge({ name: 'br1', multicastSnooping: false }));
    const plain = ipLink<{ linkinfo: { info_data: object } }>(space, 'br1');
    assert.equal({ mcast_snooping: 1, ...plain.linkinfo.info_data }.mcast_snooping, 0);
    socket.request(change.setLinkMaster({ name: 'v0' }, ourLink(space, 'br0').ifindex));
    assert.equal(ipLink(space, 'v0').master, 'br0');
    assert.equal(ourLink(space, 'v0').slaveKind, 'bridge');
    agree(space);
    socket.request(change.clearLinkMaster({ ifindex: ourLink(space, 'v0').ifindex }));
    assert.equal(ipLink(space, 'v0').master, undefined);
    agree(space);
  });

  test('ifb and macvlan are made, and a dummy where the kernel has one', (t) => {
    const space = makeSpace(t, 'a');
    space.socket.request(addIfb({ name: 'ifb9', mtu: 2000 }));
    space.socket.request(addVeth({ name: 'v0' }, { name: 'v1' }));
    const { ifindex } = ourLink(space, 'v0');
    space.socket.request(addMacvlan({ name: 'mv0', linkIfindex: ifindex, mode: 'private' }));
    const [error] = space.socket.batch([addDummy({ name: 'dummy9' })]);
    assert.equal(ipLink(space, 'ifb9').linkinfo?.info_kind, 'ifb');
    assert.equal(ipLink(space, 'ifb9').mtu, 2000);
    const macvlan = ipLink<{ linkinfo: { info_data: { mode: string } } }>(space, 'mv0');
    assert.equal(macvlan.linkinfo.info_data.mode, 'private');
    if (error) assert.equal(error.errnoName, 'EOPNOTSUPP');
    else assert.equal(ipLink(space, 'dummy9').linkinfo?.info_kind, 'dummy');
    agree(space);
  });

  test('an ifb is made with an index of its own, and marked by an alias until that is taken away', (t) => {
    const space = makeSpace(t, 'a');
    space.socket.request(addIfb({ name: 'nwifb7', ifindex: 77 }));
    assert.equal(ourLink(space, 'nwifb7').ifindex, 77);
    const shown = () => ipLink<{ ifalias?: string }>(space, 'nwifb7').ifalias;
    for (const alias of ['netweir: ingress of eth0 — é', 'x'.repeat(255)]) {
      space.socket.request(change.setLinkAlias({ ifindex: 77 }, alias));
      assert.equal(shown(), alias);
      assert.equal(ourLink(space, 'nwifb7').alias, alias);
    }
    assert.throws(() => change.setLinkAlias({ ifindex: 77 }, 'x'.repeat(256)), RangeError);
    space.socket.request(change.setLinkAlias({ name: 'nwifb7' }, ''));
    assert.equal(shown(), undefined);
    assert.equal(ourLink(space, 'nwifb7').alias, undefined);
  });

  test('a link is set up and down, renamed, and given an MTU and an address', (t) => {
    const space = makeSpace(t, 'a');
    space.socket.request(addVeth({ name: 'v0' }, { name: 'v1' }));
    const { ifindex } = ourLink(space, 'v0');
    for (const link of [{ name: 'v0' }, { ifindex }]) {
      space.socket.request(change.setLinkUp(link));
      assert.ok(ipLink(space, 'v0').flags.includes('UP'));
      agree(space);
      space.socket.request(change.setLinkDown(link));
      assert.ok(!ipLink(space, 'v0').flags.includes('UP'));
      const mtu = 'name' in link ? 1234 : 1235;
      const address = 'name' in link ? '02:00:00:00:00:aa' : '02:00:00:00:00:bb';
      space.socket.request(change.setLinkMtu(link, mtu));
      space.socket.request(change.setLinkAddress(link, address));
      const seen = ipLink(space, 'v0');
      assert.deepEqual({ mtu: seen.mtu, address: seen.address }, { mtu, address });
    }
    space.socket.request(change.renameLink(ifindex, 'w0'));
    assert.equal(ipLink(space, 'w0').ifindex, ifindex);
    space.socket.request(change.deleteLink({ name: 'w0' }));
    assert.deepEqual(
      space.ip<IpLink>('link').map(({ ifname }) => ifname),
      ['lo'],
    );
  });

  test('the links of a group are deleted together, and no others', (t) => {
    const space = makeSpace(t, 'group');
    const names = (): string[] => space.ip<IpLink>('link').map(({ ifname }) => ifname);
    for (const name of ['i0', 'i1', 'i2']) space.socket.request(addIfb({ name }));
    for (const name of ['i0', 'i2']) space.socket.request(change.setLinkGroup({ name }, 77));
    // In JSON ip has an empty object for each of the others.
    const grouped = space.ip<Partial<IpLink>>('link', 'show', 'group', '77');
    assert.deepEqual(
      grouped.flatMap(({ ifname }) => ifname ?? []),
      ['i0', 'i2'],
    );
    space.socket.request(change.deleteLinkGroup(77));
    assert.deepEqual(names(), ['lo', 'i1']);
    const gone = { errnoName: 'ENODEV', target: 'group 77' };
    assert.throws(() => space.socket.request(change.deleteLinkGroup(77)), gone);
    space.socket.request(change.deleteLink({ name: 'i1' }));
  });

  test('a link moves to another namespace, named by its index or by its name', (t) => {
    const [from, to] = [makeSpace(t, 'a'), makeSpace(t, 'b')];
    from.socket.request(addVeth({ name: 'v0' }, { name: 'v1' }));
    from.socket.request(change.moveLink({ name: 'v0' }, to.netns.fd));
    from.socket.request(change.moveLink({ ifindex: ourLink(from, 'v1').ifindex }, to.netns.fd));
    assert.deepEqual(
      from.ip<IpLink>('link').map(({ ifname }) => ifname),
      ['lo'],
    );
    assert.deepEqual(
      to
        .ip<IpLink>('link')
        .map(({ ifname }) => ifname)
        .sort(),
      ['lo', 'v0', 'v1'],
    );
    agree(to);
  });

  test('the kernel answers ENODEV for a link that is not there, by name and by index', (t) => {
    const { socket } = makeSpace(t, 'a');
    for (const link of [{ name: 'absent' }, { ifindex: 4711 }]) {
      const expected = { errnoName: 'ENODEV' };
      assert.throws(() => socket.query(getLink(link)), expected);
      assert.throws(() => socket.request(change.setLinkUp(link)), expected);
      assert.throws(() => socket.request(change.deleteLink(link)), expected);
    }
  });

  test('counters grow with pings and are those that ip reads', (t) => {
    const [left, right] = [makeSpace(t, 'a'), makeSpace(t, 'b')];
    left.socket.request(addVeth({ name: 'v0' }, { name: 'v1', netnsFd: right.netns.fd }));
    for (const [space, name, address] of [
      [left, 'v0', '10.9.0.1/24'],
      [right, 'v1', '10.9.0.2/24'],
    ] as const) {
      space.socket.request(change.setLinkUp({ name }));
      space.socket.request(addAddress({ ifindex: ourLink(space, name).ifindex, address }));
    }
    left.run('ping', '-q', '-c', '5', '-i', '0.01', '-s', '1000', '10.9.0.2');
    const before = ipCounters(left, 'v0');
    const { ifindex } = ourLink(left, 'v0');
    let polled: ReturnType<typeof ipCounters> | undefined;
    visitLinkStats(left.socket, (index, stats) => {
      if (index === ifindex) polled = countersOf(stats);
    });
    const dumped = left.socket
      .dump(dumpLinks({ stats: true }))
      .find((of) => of.ifindex === ifindex);
    const after = ipCounters(left, 'v0');
    assert.ok(polled && dumped?.stats);
    assert.ok(dumped.stats.rxPackets >= 5 && dumped.stats.rxBytes >= 5 * 1042);
    // Neighbour discovery may send in between: each reading lies between its neighbours.
    const readings = [before, polled, countersOf(dumped.stats), after];
    for (const column of [0, 1, 2, 3]) {
      const values = readings.map((reading) => reading[column] ?? 0);
      assert.deepEqual(
        values,
        values.toSorted((x, y) => x - y),
      );
    }
    assert.ok((ourLink(left, 'v0').stats?.rxPackets ?? 0) >= 5);
    const without = left.socket.dump(dumpLinks({ stats: false }));
    assert.ok(without.length === 2 && without.every(({ stats }) => stats === undefined));
  });

  test('the dump says of every interface of this namespace what ip says', (t) => {
    const socket = new NetlinkSocket();
    t.after(() => socket.close());
    const { ours, theirs } = atOnce(
      () => socket.dump(dumpLinks({ stats: false })),
      () => ip<IpLink>('link'),
    );
    t.diagnostic(`${ours.length} interfaces`);
    assert.deepEqual(ours.map(asIp(ours)), theirs.map(comparable));
  });

  test('alternative names are in the dump', (t) => {
    const space = makeSpace(t, 'a');
    space.socket.request(addIfb({ name: 'ifb9' }));
    space.run(
      'ip',
      'link',
      'property',
      'add',
      'dev',
      'ifb9',
      'altname',
      'an-alternative-name',
      'altname',
      'b',
    );
    assert.deepEqual(ourLink(space, 'ifb9').alternativeNames, ['an-alternative-name', 'b']);
    agree(space);
  });
});

function ourLink(space: Space, name: string): Link {
  const [link] = space.socket.query(getLink({ name }));
  assert.ok(link);
  return link;
}

function ipLink<T = IpLink>(space: Space, name: string): T {
  const [link] = space.ip<T>('link', 'show', 'dev', name);
  assert.ok(link);
  return link;
}

function ipCounters(space: Space, name: string): number[] {
  const [link] = space.ip<IpLink>('-s', 'link', 'show', 'dev', name);
  const { rx, tx } = link?.stats64 ?? assert.fail('ip gave no counters');
  return [rx.packets, tx.packets, rx.bytes, tx.bytes];
}

function countersOf(
  stats: Record<'rxPackets' | 'txPackets' | 'rxBytes' | 'txBytes', number>,
): number[] {
  return [stats.rxPackets, stats.txPackets, stats.rxBytes, stats.txBytes];
}

/** Our dump of a namespace equals that of ip in every member that both have. */
function agree(space: Space): void {
  const { ours, theirs } = atOnce(
    () => space.socket.dump(dumpLinks({ stats: false })),
    () => space.ip<IpLink>('link'),
  );
  assert.deepEqual(ours.map(asIp(ours)), theirs.map(comparable));
}

/** ip's members, without those that Link leaves out; `link` and `master` are names there. */
function comparable(link: IpLink): object {
  return {
    ifindex: link.ifindex,
    ifname: link.ifname,
    altnames: link.altnames ?? [],
    up: link.flags.includes('UP'),
    carrier: link.flags.includes('LOWER_UP'),
    loopback: link.flags.includes('LOOPBACK'),
    noArp: link.flags.includes('NOARP'),
    mtu: link.mtu,
    qdisc: link.qdisc,
    operstate: link.operstate.toLowerCase(),
    group: link.group,
    txqlen: link.txqlen ?? 0,
    address: link.address,
    broadcast: link.broadcast,
    master: link.master,
    // ip writes an index of another namespace as link_index, and leaves out one that is 0.
    link: link.link ?? link.link_index,
    linkNetnsid: link.link_netnsid,
    kind: link.linkinfo?.info_kind,
    slaveKind: link.linkinfo?.info_slave_kind,
    queues: [link.num_tx_queues, link.num_rx_queues ?? 1],
  };
}

function asIp(all: readonly Link[]): (link: Link) => object {
  const nameOf = (ifindex: number | undefined) => all.find((of) => of.ifindex === ifindex)?.name;
  return (link) => ({
    ifindex: link.ifindex,
    ifname: link.name,
    altnames: link.alternativeNames,
    up: link.up,
    carrier: link.carrier,
    loopback: link.loopback,
    noArp: link.noArp,
    mtu: link.mtu,
    qdisc: link.qdisc,
    operstate: link.operstate,
    group: String(link.group),
    txqlen: link.txqlen,
    address: link.address,
    broadcast: link.broadcast,
    master: nameOf(link.masterIfindex),
    link: link.linkNetnsid === undefined ? nameOf(link.linkIfindex) : link.linkIfindex,
    linkNetnsid: link.linkNetnsid,
    kind: link.kind,
    slaveKind: link.slaveKind,
    queues: [link.numTxQueues, link.numRxQueues],
  });
}
