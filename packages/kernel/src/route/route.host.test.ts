import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NetlinkSocket } from '../netlink/socket.ts';
import { addAddress } from './address.ts';
import type { IpFamily } from './ip-address.ts';
import { dumpLinks } from './link-query.ts';
import { dumpRoutes, getRoute, type Route } from './route.ts';
import { addRoute, deleteRoute, replaceRoute } from './route-change.ts';
import { ROUTE_TYPES } from './route-message.ts';
import {
  atOnce,
  type IpRoute,
  ip,
  makePair,
  type Space,
  sorted,
  withoutIpv6,
} from './witness.test-support.ts';

describe('Routes on the running kernel', () => {
  test('IPv4 routes of every form are as ip sees them', (t) => {
    const { space, ifindex } = makePair(t);
    space.socket.request(addAddress({ ifindex, address: '10.0.0.1/24', broadcast: '+' }));
    const nexthops = [{ gateway: '10.0.0.2' }, { gateway: '10.0.0.3', weight: 3 }];
    const errors = space.socket.batch([
      addRoute({ destination: '0.0.0.0/0', gateway: '10.0.0.254' }),
      addRoute({
        destination: '10.1.2.3/16',
        gateway: '10.0.0.253',
        ifindex,
        metric: 100,
        preferredSource: '10.0.0.1',
        mtu: 1200,
        protocol: 4,
      }),
      addRoute({ destination: '10.2.0.0/16', gateway: '192.0.2.1', ifindex, onlink: true }),
      addRoute({ destination: '10.3.0.0/16', nexthops }),
      addRoute({ destination: '10.4.0.0/16', ifindex, table: 1000 }),
      addRoute({ destination: '10.5.0.0/16', ifindex, table: 100 }),
      addRoute({ destination: '10.6.0.0/16', gateway: 'fe80::1', ifindex }),
      addRoute({ destination: '10.9.0.0/16', type: 'blackhole' }),
      addRoute({ destination: '10.10.0.0/16', type: 'unreachable' }),
      addRoute({ destination: '10.11.0.0/16', type: 'prohibit' }),
    ]);
    assert.deepEqual(errors.filter(Boolean), []);
    const routes = routesOf(space, 4);
    const find = (destination: string) => routes.find((route) => route.destination === destination);
    assert.equal(find('0.0.0.0/0')?.gateway, '10.0.0.254');
    assert.equal(find('10.1.0.0/16')?.mtu, 1200);
    assert.equal(find('10.2.0.0/16')?.onlink, true);
    assert.deepEqual(
      find('10.3.0.0/16')?.nexthops.map(({ weight }) => weight),
      [1, 3],
    );
    assert.equal(find('10.6.0.0/16')?.gateway, 'fe80::1');
    assert.equal(find('10.9.0.0/16')?.type, 'blackhole');
  });

  test('replace and delete take the IPv4 route that is meant', (t) => {
    const { space, ifindex } = makePair(t);
    const destination = '10.1.0.0/16';
    space.socket.request(addAddress({ ifindex, address: '10.0.0.1/24' }));
    space.socket.request(addRoute({ destination, gateway: '10.0.0.2' }));
    const again = addRoute({ destination, gateway: '10.0.0.3' });
    assert.throws(() => space.socket.request(again), { errnoName: 'EEXIST' });
    space.socket.request(replaceRoute({ destination, gateway: '10.0.0.4' }));
    space.socket.request(addRoute({ destination, ifindex, metric: 5 }));
    const gateways = () =>
      routesOf(space, 4)
        .filter((route) => route.destination === destination)
        .map(({ gateway, metric }) => ({ gateway, metric }));
    const linkScoped = { gateway: undefined, metric: 5 };
    assert.deepEqual(gateways(), [{ gateway: '10.0.0.4', metric: 0 }, linkScoped]);
    space.socket.request(deleteRoute({ destination, gateway: '10.0.0.4' }));
    assert.deepEqual(gateways(), [linkScoped]);
    space.socket.request(deleteRoute({ destination }));
    assert.deepEqual(gateways(), []);
    assert.throws(() => space.socket.request(deleteRoute({ destination })), { errnoName: 'ESRCH' });
  });

  test('IPv6 routes are as ip sees them, and delete takes all ways of a multipath one', {
    skip: withoutIpv6,
  }, (t) => {
    const { space, ifindex } = makePair(t);
    space.socket.request(addAddress({ ifindex, address: '2001:db8::1/64', noDad: true }));
    const destination = '2001:db8:2::/48';
    const nexthops = [{ gateway: '2001:db8::2' }, { gateway: '2001:db8::3', weight: 2 }];
    space.socket.request(addRoute({ destination: '::/0', gateway: '2001:db8::ff', mtu: 1300 }));
    space.socket.request(addRoute({ destination, nexthops }));
    const find = (text: string) => routesOf(space, 6).find((route) => route.destination === text);
    assert.equal(find('::/0')?.metric, 1024);
    assert.deepEqual(
      find(destination)?.nexthops.map(({ weight }) => weight),
      [1, 2],
    );
    space.socket.request(deleteRoute({ destination }));
    assert.equal(find(destination), undefined);
  });

  test('the lookup of a destination takes the way that ip says', { skip: withoutIpv6 }, (t) => {
    const { space, ifindex } = makePair(t);
    space.socket.request(addAddress({ ifindex, address: '10.0.0.1/24' }));
    space.socket.request(addAddress({ ifindex, address: '2001:db8::1/64', noDad: true }));
    space.socket.request(addRoute({ destination: '10.1.0.0/16', gateway: '10.0.0.2' }));
    space.socket.request(addRoute({ destination: '::/0', gateway: '2001:db8::2' }));
    for (const destination of ['10.1.2.3', '10.0.0.7', '2001:db8:5::1']) {
      const [ours] = space.socket.query(getRoute(destination));
      const [theirs] = space.ip<IpRoute>('route', 'get', destination);
      assert.ok(ours && theirs);
      assert.deepEqual(
        [ours.gateway, ours.preferredSource, ours.ifindex],
        [theirs.gateway, theirs.prefsrc, ifindex],
      );
    }
    const nowhere = getRoute('192.0.2.1');
    assert.throws(() => space.socket.query(nowhere), { errnoName: 'ENETUNREACH' });
  });

  test('the dump says of every route of this namespace what ip says', (t) => {
    const socket = new NetlinkSocket();
    t.after(() => socket.close());
    agreedRoutes(socket, ip, 4);
  });
});

function routesOf({ socket, ip: witness }: Space, family: IpFamily): Route[] {
  return agreedRoutes(socket, witness, family);
}

/** Our dump, once ip agrees with it. */
function agreedRoutes(socket: NetlinkSocket, witness: Space['ip'], family: IpFamily): Route[] {
  const { ours, theirs } = atOnce(
    () => ({ routes: socket.dump(dumpRoutes({ family })), nameOf: namesOf(socket) }),
    () => ipRoutes(witness, family),
  );
  assert.deepEqual(
    sorted(ours.routes.map((route) => routeAsIp(route, ours.nameOf))),
    sorted(theirs.map((route) => ipRouteAsOurs(route, family))),
  );
  return ours.routes;
}

function ipRoutes(witness: Space['ip'], family: IpFamily): IpRoute[] {
  return witness<IpRoute>(`-${family}`, 'route', 'show', 'table', 'all');
}

function ipRouteAsOurs(route: IpRoute, family: IpFamily): object {
  const bits = family === 4 ? 32 : 128;
  const any = family === 4 ? '0.0.0.0/0' : '::/0';
  const destination = route.dst.includes('/') ? route.dst : `${route.dst}/${bits}`;
  return {
    type: ROUTE_TYPES[Number(route.type)] ?? route.type,
    destination: route.dst === 'default' ? any : destination,
    gateway: route.gateway ?? route.via?.host,
    dev: route.dev,
    metric: route.metric ?? 0,
    preferredSource: route.prefsrc,
    table: Number(route.table),
    protocol: Number(route.protocol),
    scope: Number(route.scope),
    mtu: route.metrics?.find(({ mtu }) => mtu !== undefined)?.mtu,
    onlink: route.flags.includes('onlink'),
    nexthops: (route.nexthops ?? []).map(({ gateway, dev, weight, flags }) => ({
      gateway,
      dev,
      weight,
      onlink: flags.includes('onlink'),
    })),
  };
}

type NameOf = (ifindex: number | undefined) => string | undefined;

function namesOf(socket: NetlinkSocket): NameOf {
  const links = socket.dump(dumpLinks({ stats: false }));
  return (ifindex) => links.find((link) => link.ifindex === ifindex)?.name;
}

function routeAsIp(
  { family, source, flags, ifindex, nexthops, ...rest }: Route,
  nameOf: NameOf,
): object {
  assert.equal(source, undefined, `IPv${family} route with a source prefix, flags ${flags}`);
  return {
    ...rest,
    dev: nameOf(ifindex),
    nexthops: nexthops.map(({ ifindex: hop, ...way }) => ({ ...way, dev: nameOf(hop) })),
  };
}
