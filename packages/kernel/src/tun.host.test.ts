import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { describe, type TestContext, test } from 'node:test';
import { EAGAIN } from './errno.ts';
import { KernelError } from './errors.ts';
import * as libc from './libc.ts';
import { type IpAddresses, type IpLink, makeSpace } from './route/witness.test-support.ts';
import { openTap, type Tap } from './tun.ts';
import { VIRTIO_NET_HDR_LENGTH } from './virtio-net-header.ts';

const BROADCAST_FRAME = Buffer.from(
  `${'ff'.repeat(6)}020000000001${'88b5'}${'00'.repeat(46)}`,
  'hex',
);

function closing(t: TestContext, tap: Tap): Tap {
  t.after(() => closeSync(tap.fd));
  return tap;
}

describe('openTap', () => {
  test('makes an interface that is up, with the queue asked for and no addresses', (t) => {
    const { netns, ip } = makeSpace(t, 'tap');
    const tap = closing(t, openTap(netns, { name: 'nw2e', queueLength: 4321 }));
    const [link] = ip<IpLink>('link', 'show', 'dev', 'nw2e');
    assert.equal(link?.ifindex, tap.ifindex);
    assert.equal(link?.txqlen, 4321);
    assert(link?.flags.includes('UP') && link.flags.includes('LOWER_UP'));
    const [addresses] = ip<IpAddresses>('addr', 'show', 'dev', 'nw2e');
    assert.deepEqual(addresses?.addr_info, []);
  });

  test('keeps IPv6 off the interface, so that nothing is sent that nobody gave it', (t) => {
    const { netns, run } = makeSpace(t, 'quiet');
    const tap = closing(t, openTap(netns, { name: 'nw2e', queueLength: 100 }));
    assert.equal(run('ip', '-6', 'maddr', 'show', 'dev', 'nw2e').includes('inet6'), false);
    assert.equal(run('ls', '/proc/net/dev_snmp6').includes('nw2e'), false);
    assert.equal(libc.read(tap.fd, new Uint8Array(2048)), -EAGAIN);
  });

  test('receives the frames that are written to it', (t) => {
    const { netns, ip } = makeSpace(t, 'write');
    const tap = closing(t, openTap(netns, { name: 'nw2i', queueLength: 100 }));
    const frame = Buffer.concat([new Uint8Array(VIRTIO_NET_HDR_LENGTH), BROADCAST_FRAME]);
    assert.equal(libc.write(tap.fd, frame), frame.length);
    assert.equal(libc.writeAt(tap.fd, libc.addressOf(frame), frame.length), frame.length);
    const [link] = ip<IpLink>('-s', 'link', 'show', 'dev', 'nw2i');
    assert.equal(link?.stats64?.rx.packets, 2);
    assert.equal(link?.stats64?.rx.bytes, 2 * BROADCAST_FRAME.length);
  });

  test('refuses a name that is taken', (t) => {
    const { netns } = makeSpace(t, 'taken');
    closing(t, openTap(netns, { name: 'nw2e', queueLength: 100 }));
    assert.throws(
      () => openTap(netns, { name: 'nw2e', queueLength: 100 }),
      (error) => error instanceof KernelError && error.errnoName === 'EBUSY',
    );
    assert.throws(() => openTap(netns, { name: 'a/b', queueLength: 100 }), /name/);
  });

  test('leaves nothing behind once its descriptor is closed', (t) => {
    const { netns, ip } = makeSpace(t, 'gone');
    const { fd } = openTap(netns, { name: 'nw2e', queueLength: 100 });
    closeSync(fd);
    const names = ip<IpLink>('link', 'show').map(({ ifname }) => ifname);
    assert.equal(names.includes('nw2e'), false);
  });
});
