import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NetlinkSocket } from '../netlink/socket.ts';
import {
  addAddress,
  deleteAddress,
  dumpAddresses,
  type InterfaceAddress,
  replaceAddress,
} from './address.ts';
import {
  atOnce,
  type IpAddresses,
  ip,
  makePair,
  type Space,
  sorted,
  withoutIpv6,
} from './witness.test-support.ts';

describe('Addresses on the running kernel', () => {
  test('IPv4: prefix, broadcast and peer are as ip sees them, and delete takes the right one', (t) => {
    const { space, ifindex } = makePair(t);
    const first = { ifindex, address: '10.0.0.1/24', broadcast: '+' };
    const second = { ifindex, address: '10.0.0.9/32', peer: '10.0.0.10' };
    space.socket.request(addAddress(first));
    space.socket.request(addAddress(second));
    assert.throws(() => space.socket.request(addAddress(first)), { errnoName: 'EEXIST' });
    space.socket.request(replaceAddress(first));
    const [one, other] = addressesOf(space).filter(
      (of) => of.family === 4 && of.ifindex === ifindex,
    );
    assert.deepEqual(
      [one?.address, one?.prefixLength, one?.broadcast, one?.peer],
      ['10.0.0.1', 24, '10.0.0.255', undefined],
    );
    assert.deepEqual(
      [other?.address, other?.prefixLength, other?.peer],
      ['10.0.0.9', 32, '10.0.0.10'],
    );
    space.socket.request(deleteAddress(second));
    const left = addressesOf(space).filter((of) => of.family === 4 && of.ifindex === ifindex);
    assert.deepEqual(
      left.map(({ address }) => address),
      ['10.0.0.1'],
    );
    assert.throws(() => space.socket.request(deleteAddress(second)), {
      errnoName: 'EADDRNOTAVAIL',
    });
  });

  test('IPv6: noDad makes an address usable at once', { skip: withoutIpv6 }, (t) => {
    const { space, ifindex } = makePair(t);
    space.socket.request(addAddress({ ifindex, address: '2001:db8::1/64', noDad: true }));
    space.socket.request(addAddress({ ifindex, address: '2001:db8::2/64' }));
    const tentative = (text: string) =>
      addressesOf(space).find((of) => of.address === text)?.tentative;
    assert.equal(tentative('2001:db8::1'), false);
    assert.equal(tentative('2001:db8::2'), true);
    space.run('ping', '-q', '-c', '1', '2001:db8::1');
  });

  test('a dump of one interface holds nothing of the others', (t) => {
    const { space, ifindex } = makePair(t);
    space.socket.request(addAddress({ ifindex, address: '10.0.0.1/24' }));
    space.socket.request(addAddress({ ifindex: 1, address: '10.0.1.1/24' }));
    const dumped = space.socket
      .dump(dumpAddresses({ ifindex: 1 }))
      .filter(({ family }) => family === 4);
    assert.deepEqual(
      dumped.map(({ address }) => address),
      ['127.0.0.1', '10.0.1.1'],
    );
  });

  test('the dump says of every address of this namespace what ip says', (t) => {
    const socket = new NetlinkSocket();
    t.after(() => socket.close());
    const { ours, theirs } = atOnce(
      () => socket.dump(dumpAddresses()),
      () => ip<IpAddresses>('addr'),
    );
    assert.deepEqual(sorted(ours.map(addressAsIp)), sorted(theirs.flatMap(ipAddressesOf)));
  });
});

/** Our dump, once ip agrees with it. */
function addressesOf(space: Space): InterfaceAddress[] {
  const { ours, theirs } = atOnce(
    () => space.socket.dump(dumpAddresses()),
    () => space.ip<IpAddresses>('addr'),
  );
  assert.deepEqual(sorted(ours.map(addressAsIp)), sorted(theirs.flatMap(ipAddressesOf)));
  return ours;
}

function ipAddressesOf({ ifindex, addr_info }: IpAddresses): object[] {
  return addr_info.map((of) => ({
    family: of.family === 'inet' ? 4 : 6,
    ifindex,
    address: of.local,
    prefixLength: of.prefixlen,
    peer: of.address,
    broadcast: of.broadcast,
    label: of.label,
    scope: Number(of.scope),
    tentative: of.tentative ?? false,
  }));
}

function addressAsIp(ours: InterfaceAddress): object {
  const { family, ifindex, address, prefixLength, peer, broadcast, label, scope, tentative } = ours;
  return { family, ifindex, address, prefixLength, peer, broadcast, label, scope, tentative };
}
