import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { DeadlineMap } from './bpf/deadline-map.ts';
import { loadClassifier } from './bpf/program.ts';
import { redirectWhileAlive, STAMP_LENGTH } from './bpf/redirect.ts';
import { EAGAIN } from './errno.ts';
import { KernelError } from './errors.ts';
import * as libc from './libc.ts';
import { monotonicNs } from './monotonic-clock.ts';
import { openPacketSender } from './packet-socket.ts';
import { getLink } from './route/link-query.ts';
import { type IpLink, makePair, type Space } from './route/witness.test-support.ts';
import { addBpfFilter } from './tc/bpf-filter.ts';
import { ingressPlace } from './tc/ingress.ts';
import { addQdisc } from './tc/qdisc.ts';
import { TC_H_CLSACT_EGRESS, TC_H_ROOT } from './tc/tcmsg.ts';
import { openTap, type Tap } from './tun.ts';
import { VIRTIO_NET_HDR_LENGTH } from './virtio-net-header.ts';

const ETHERTYPE = '88b5';
const FRAME = Buffer.from(
  `${'00'.repeat(VIRTIO_NET_HDR_LENGTH)}${'ff'.repeat(6)}020000000001${ETHERTYPE}${'00'.repeat(46)}`,
  'hex',
);
const COUNT = 1000;
const MARK = 0x4e57_0001;

function sender(t: TestContext, space: Space, ifindex: number, mark: number = MARK): number {
  const fd = openPacketSender(space.netns, ifindex, mark);
  t.after(() => void libc.close(fd));
  return fd;
}

function received({ ip }: Space, name: string): number {
  return ip<IpLink>('-s', 'link', 'show', 'dev', name)[0]?.stats64?.rx.packets ?? Number.NaN;
}

/** A pair whose kernel sends nothing by itself. */
function makeQuietPair(t: TestContext): { space: Space; ifindex: number } {
  const pair = makePair(t);
  for (const name of ['v0', 'v1']) {
    pair.space.run('sysctl', '-qw', `net.ipv6.conf.${name}.disable_ipv6=1`);
  }
  return pair;
}

/** Redirects what `v0` sends, unless it is marked, and gives it a qdisc that counts. */
function catchAll(t: TestContext, { netns, socket }: Space, ifindex: number): Tap {
  using deadline = new DeadlineMap();
  deadline.set(monotonicNs() + 60e9);
  const tap = openTap(netns, { name: 'nw2e', queueLength: 100 });
  t.after(() => void libc.close(tap.fd));
  const options = { mapFd: deadline.fd, tapIfindex: tap.ifindex, mark: MARK };
  const programFd = loadClassifier('netweir_test', redirectWhileAlive(options));
  t.after(() => void libc.close(programFd));
  const place = { ifindex, target: 'v0' };
  const hook = { ...place, parent: TC_H_CLSACT_EGRESS, prio: 1, handle: 1 };
  socket.request(addQdisc({ ...place, parent: TC_H_ROOT }, { kind: 'pfifo', limitPackets: 100 }));
  socket.request(addQdisc({ ...place, ...ingressPlace }, { kind: 'clsact' }));
  socket.request(addBpfFilter(hook, { programFd, name: 'ours' }));
  return tap;
}

/** How many packets went through the qdisc of `v0`. */
function queued({ run }: Space): number {
  const [root] = JSON.parse(run('tc', '-j', '-s', 'qdisc', 'show', 'dev', 'v0'));
  assert.equal(root.kind, 'pfifo');
  return root.packets;
}

describe('openPacketSender', () => {
  test('sends whole frames behind their virtio-net headers', (t) => {
    const { space, ifindex } = makeQuietPair(t);
    const fd = sender(t, space, ifindex);
    const before = received(space, 'v1');
    const address = libc.addressOf(FRAME);
    for (let sent = 0; sent < COUNT; sent++) {
      assert.equal(libc.sendAt(fd, address, FRAME.length, 0), FRAME.length);
    }
    assert.equal(received(space, 'v1') - before, COUNT);
  });

  test('sends through them with a mark that the filter knows', (t) => {
    const { space, ifindex } = makeQuietPair(t);
    const tap = catchAll(t, space, ifindex);
    const before = received(space, 'v1');
    const marked = sender(t, space, ifindex, MARK);
    assert.equal(libc.send(marked, FRAME, FRAME.length, 0), FRAME.length);
    assert.equal(received(space, 'v1') - before, 1);
    assert.equal(libc.read(tap.fd, new Uint8Array(2048)), -EAGAIN);
    assert.equal(queued(space), 1);
    const other = sender(t, space, ifindex, MARK + 1);
    assert.equal(libc.send(other, FRAME, FRAME.length, 0), FRAME.length);
    assert.equal(received(space, 'v1') - before, 1);
    assert.equal(libc.read(tap.fd, new Uint8Array(2048)), FRAME.length + STAMP_LENGTH);
  });

  test('receives nothing', (t) => {
    const { space, ifindex } = makeQuietPair(t);
    const [peer] = space.socket.query(getLink({ name: 'v1' }));
    assert(peer);
    const fd = sender(t, space, ifindex);
    const other = sender(t, space, peer.ifindex);
    const before = received(space, 'v0');
    assert.equal(libc.send(other, FRAME, FRAME.length, 0), FRAME.length);
    assert.equal(received(space, 'v0') - before, 1);
    assert.equal(libc.recv(fd, new Uint8Array(2048), 0), -EAGAIN);
  });

  test('refuses an interface that is not there', (t) => {
    const { space } = makePair(t);
    assert.throws(
      () => openPacketSender(space.netns, 99_999, MARK),
      (error) => error instanceof KernelError && error.errnoName === 'ENODEV',
    );
  });
});
