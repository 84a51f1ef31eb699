import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import * as libc from '../libc.ts';
import { addAddress } from '../route/address.ts';
import { AF_INET, AF_INET6, addressFamily } from '../route/address-family.ts';
import { parseIpAddress } from '../route/ip-address.ts';
import { setLinkUp } from '../route/link-change.ts';
import { addVeth } from '../route/link-create.ts';
import { getLink } from '../route/link-query.ts';
import { addRoute } from '../route/route-change.ts';
import { makeSpace, type Space } from './witness.test-support.ts';

const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0x800;
const DEADLINE_MS = 5000;

/** A datagram as it arrived: from whom, and its text. */
export interface Datagram {
  readonly from: string;
  readonly text: string;
}

/** A UDP socket inside a namespace. */
export interface Endpoint {
  readonly send: (text: string, address: string, port: number) => void;
  /** The next datagram; fails after five seconds. */
  readonly next: () => Promise<Datagram>;
  /** How many datagrams wait to be taken by `next`. */
  readonly arrived: () => number;
}

/**
 * Two clients behind a router, and an internet of two hosts before it:
 *
 *     a 10.0.0.2 ── lan0 10.0.0.1 ┐
 *                                 router  wan 203.0.113.1 ── internet 203.0.113.10, .20
 *     b 10.0.1.2 ── lan1 10.0.1.1 ┘
 *
 * IPv6 has the same numbers in fd10:0:0:0::/64, fd10:0:0:1::/64 and 2001:db8::/64; 2001:db8:0:11::/64 is
 * the router's too.
 */
export interface Lan {
  readonly a: Space;
  readonly b: Space;
  readonly router: Space;
  readonly internet: Space;
}

export function makeLan(t: TestContext): Lan {
  const lan = { a: makeSpace(t), b: makeSpace(t), router: makeSpace(t), internet: makeSpace(t) };
  join(lan.router, 'lan0', ['10.0.0.1/24', 'fd10::1/64'], lan.a, ['10.0.0.2/24', 'fd10::2/64']);
  join(lan.router, 'lan1', ['10.0.1.1/24', 'fd10:0:0:1::1/64'], lan.b, [
    '10.0.1.2/24',
    'fd10:0:0:1::2/64',
  ]);
  join(lan.router, 'wan', ['203.0.113.1/24', '2001:db8::1/64'], lan.internet, [
    '203.0.113.10/24',
    '203.0.113.20/24',
    '2001:db8::10/64',
  ]);
  route(lan.a, '0.0.0.0/0', '10.0.0.1');
  route(lan.b, '0.0.0.0/0', '10.0.1.1');
  route(lan.a, '::/0', 'fd10::1');
  route(lan.b, '::/0', 'fd10:0:0:1::1');
  route(lan.internet, '2001:db8:0:11::/64', '2001:db8::1');
  lan.router.netns.run(() => {
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
    writeFileSync('/proc/sys/net/ipv6/conf/all/forwarding', '1');
  });
  return lan;
}

/** A socket that is bound to an address of the namespace. */
export function listen(t: TestContext, { netns }: Space, address: string, port: number): Endpoint {
  const { family } = parseIpAddress(address);
  const fd = netns.socket(addressFamily(family), SOCK_DGRAM | SOCK_NONBLOCK);
  assert.equal(libc.bind(fd, sockaddr(address, port)), 0, `bind ${address}:${port}`);
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
  const queue: Datagram[] = [];
  socket.on('message', (message, remote) => {
    queue.push({ from: `${remote.address}:${remote.port}`, text: message.toString() });
    socket.emit('queued');
  });
  socket.bind({ fd });
  t.after(() => socket.close());
  return {
    send: (text, to, toPort) => socket.send(text, toPort, to),
    next: async () => {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      while (queue.length === 0) await once(socket, 'queued', { signal });
      const [datagram] = queue.splice(0, 1);
      assert.ok(datagram);
      return datagram;
    },
    arrived: () => queue.length,
  };
}

function join(
  router: Space,
  name: string,
  addresses: readonly string[],
  host: Space,
  hostAddresses: readonly string[],
): void {
  using atRouter = router.netns.netlink();
  using atHost = host.netns.netlink();
  atRouter.request(addVeth({ name }, { name: 'eth0', netnsFd: host.netns.fd }));
  for (const [socket, device, list] of [
    [atRouter, name, addresses],
    [atHost, 'eth0', hostAddresses],
  ] as const) {
    for (const link of ['lo', device]) socket.request(setLinkUp({ name: link }));
    const [link] = socket.query(getLink({ name: device }));
    assert.ok(link);
    for (const address of list) {
      socket.request(addAddress({ ifindex: link.ifindex, address, noDad: true }));
    }
  }
}

function route({ netns }: Space, destination: string, gateway: string): void {
  using socket = netns.netlink();
  socket.request(addRoute({ destination, gateway }));
}

/** `struct sockaddr_in` or `struct sockaddr_in6`. */
function sockaddr(address: string, port: number): Uint8Array {
  const { family, bytes } = parseIpAddress(address);
  const struct = new Uint8Array(family === 4 ? 16 : 28);
  const view = new DataView(struct.buffer);
  view.setUint16(0, family === 4 ? AF_INET : AF_INET6, true);
  view.setUint16(2, port);
  struct.set(bytes, family === 4 ? 4 : 8);
  return struct;
}
