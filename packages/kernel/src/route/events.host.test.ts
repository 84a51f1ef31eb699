import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import * as libc from '../libc.ts';
import { readMessages } from '../netlink/message.ts';
import {
  openMonitor,
  RTNLGRP_IPV4_IFADDR,
  RTNLGRP_IPV4_ROUTE,
  RTNLGRP_IPV4_RULE,
  RTNLGRP_LINK,
  RTNLGRP_NEIGH,
  RTNLGRP_NSID,
} from '../netlink/monitor.ts';
import type { Message } from '../netlink/request.ts';
import { parseAddressMessage } from './address.ts';
import { parseLinkMessage } from './link.ts';
import {
  clearLinkMaster,
  moveLink,
  renameLink,
  setLinkDown,
  setLinkMaster,
} from './link-change.ts';
import { addBridge } from './link-create.ts';
import { getLink } from './link-query.ts';
import { parseNeighbourMessage } from './neighbour.ts';
import { getNsid, parseNsidMessage, setNsid } from './nsid.ts';
import { parseRouteMessage } from './route.ts';
import { parseRuleMessage } from './rule.ts';
import { makePair, makeSpace, type Space } from './witness.test-support.ts';

const MSG_DONTWAIT = 0x40;

describe('Notifications of the running kernel, of changes that ip makes', () => {
  test('a move says where the link went: the nsid there and the index there', (t) => {
    const { space, ifindex } = makePair(t);
    const target = makeSpace(t, 'b');
    space.socket.request(setNsid(target.netns.fd, 42));
    const receive = monitor(t, space, RTNLGRP_LINK);
    space.socket.request(moveLink({ ifindex }, target.netns.fd));
    const left = receive()
      .map(parseLinkMessage)
      .find((event) => event?.deleted);
    const [there] = target.socket.query(getLink({ name: 'v0' }));
    assert.equal(left?.link.ifindex, ifindex);
    assert.deepEqual([left.newNetnsid, left.newIfindex], [42, there?.ifindex]);
    assert.deepEqual(space.socket.query(getNsid(target.netns.fd)), [42]);
  });

  test('a deleted link went nowhere, and a renamed one keeps its index', (t) => {
    const { space, ifindex } = makePair(t);
    const receive = monitor(t, space, RTNLGRP_LINK);
    // Before Linux 6.2 only a link that is down can be renamed.
    space.socket.request(setLinkDown({ ifindex }));
    space.socket.request(renameLink(ifindex, 'w0'));
    const renamed = receive()
      .map(parseLinkMessage)
      .find((event) => event?.link.name === 'w0');
    assert.deepEqual([renamed?.deleted, renamed?.link.ifindex], [false, ifindex]);
    space.run('ip', 'link', 'delete', 'w0');
    const gone = receive()
      .map(parseLinkMessage)
      .filter((event) => event?.deleted);
    assert.deepEqual(gone.map((event) => event?.link.name).sort(), ['v1', 'w0']);
    assert.ok(gone.every((event) => event?.newNetnsid === undefined));
  });

  test('a port that leaves its bridge is no link that is gone', (t) => {
    const { space, ifindex } = makePair(t);
    space.socket.request(addBridge({ name: 'br0' }));
    const [bridge] = space.socket.query(getLink({ name: 'br0' }));
    assert.ok(bridge);
    space.socket.request(setLinkMaster({ ifindex }, bridge.ifindex));
    const receive = monitor(t, space, RTNLGRP_LINK);
    space.socket.request(clearLinkMaster({ ifindex }));
    const messages = receive();
    assert.ok(
      messages.some(({ type }) => type === 17),
      'the kernel sent RTM_DELLINK of AF_BRIDGE',
    );
    const events = messages.map(parseLinkMessage).filter((event) => event !== undefined);
    assert.ok(events.some(({ link }) => link.name === 'v0' && link.masterIfindex === undefined));
    assert.ok(events.every(({ deleted }) => !deleted));
  });

  test('addresses, routes, rules and neighbours come and go', (t) => {
    const { space, ifindex } = makePair(t);
    const groups = [RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE, RTNLGRP_NEIGH];
    const receive = monitor(t, space, ...groups);
    const change = (verb: string) => {
      // The address last: the neighbours go with the last one of an interface.
      space.run('ip', 'neigh', verb, '10.0.0.7', 'lladdr', '02:00:00:00:00:07', 'dev', 'v0');
      space.run('ip', 'rule', verb, 'from', '10.0.0.0/24', 'lookup', '1000', 'priority', '7');
      space.run('ip', 'addr', verb, '10.0.0.1/24', 'dev', 'v0');
    };
    for (const [verb, deleted] of [
      ['add', false],
      ['del', true],
    ] as const) {
      change(verb);
      const messages = receive();
      const address = messages.map(parseAddressMessage).find(Boolean);
      assert.deepEqual([address?.deleted, address?.address.address], [deleted, '10.0.0.1']);
      assert.equal(address?.address.ifindex, ifindex);
      const routes = messages.map(parseRouteMessage).filter((event) => event !== undefined);
      assert.ok(routes.some((event) => event.route.destination === '10.0.0.0/24'));
      assert.ok(routes.every((event) => event.deleted === deleted));
      const rule = messages.map(parseRuleMessage).find(Boolean);
      assert.deepEqual([rule?.deleted, rule?.rule.priority], [deleted, 7]);
      const neighbours = messages.map(parseNeighbourMessage).filter((event) => event !== undefined);
      assert.ok(neighbours.some(({ neighbour }) => neighbour.address === '10.0.0.7'));
    }
  });

  test('an nsid is told when it is set', (t) => {
    const [here, there] = [makeSpace(t, 'a'), makeSpace(t, 'b')];
    const receive = monitor(t, here, RTNLGRP_NSID);
    here.socket.request(setNsid(there.netns.fd, 9));
    assert.deepEqual(receive().map(parseNsidMessage), [{ deleted: false, nsid: 9 }]);
  });
});

/** What has happened in a namespace since the last call; the kernel queues it within the change. */
function monitor(t: TestContext, { netns }: Space, ...groups: number[]): () => Message[] {
  const fd = openMonitor(netns, groups);
  t.after(() => libc.close(fd));
  return () => {
    const messages: Message[] = [];
    for (;;) {
      const datagram = new Uint8Array(0x10000);
      const length = libc.recv(fd, datagram, MSG_DONTWAIT);
      if (length < 0) return messages;
      messages.push(...readMessages(datagram.subarray(0, length)));
    }
  };
}
