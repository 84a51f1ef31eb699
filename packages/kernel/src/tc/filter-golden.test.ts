import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Request } from '../netlink/request.ts';
import { parseIpPrefix } from '../route/ip-prefix.ts';
import { addFilter, deleteFilters, ETH_P_ALL, type FilterPlace } from './filter.ts';
import type { FilterOptions } from './filter-options.ts';
import type { Flower } from './flower.ts';
import { message, readGoldens, withoutSequence } from './golden.test-support.ts';
import { addRedirectFilter } from './redirect-filter.ts';
import { handle, TC_H_CLSACT_EGRESS } from './tcmsg.ts';
import type { U32 } from './u32.ts';

/** Filters and actions that netweir has no use for. */
const NOT_SPOKEN = / (?:basic|fw|police|drop|mirror) /;

const goldens = readGoldens(/^tc filter /).filter(({ command }) => !NOT_SPOKEN.test(`${command} `));

const egress: FilterPlace = {
  ifindex: 3,
  parent: TC_H_CLSACT_EGRESS,
  prio: 0x4e57,
  protocol: ETH_P_ALL,
  target: 'd0',
};
type At = Pick<FilterPlace, 'prio' | 'protocol' | 'handle'>;

const root = { ifindex: 2, target: 'd0', parent: handle(1) };

const filter = (where: At, options: FilterOptions): Request =>
  addFilter({ ...root, ...where }, options);

const ingress = { ifindex: 2, target: 'd0', parent: handle(0xffff) };

const redirectTo = (toIfindex: number) => ({ kind: 'redirect' as const, toIfindex });

const u32 = (classid: number, ...keys: [offset: number, mask: number, value: number][]): U32 => ({
  kind: 'u32',
  classid,
  keys: keys.map(([offset, mask, value]) => ({ offset, mask, value })),
});

const flower = (
  ethType: number,
  ipProtocol: number,
  destination: string,
  source?: string,
): Flower => ({
  kind: 'flower',
  ethType,
  ipProtocol,
  destination: parseIpPrefix(destination),
  ...(source !== undefined && { source: parseIpPrefix(source) }),
});

/** Behind `tc`, each command of the dump and the request that is to equal its message. */
const requests: Record<string, () => Request> = {
  'filter add dev d0 parent 1: protocol ip prio 5 u32 match ip dst 10.1.2.0/24 match ip protocol 6 0xff match ip dport 80 0xffff flowid 1:10':
    () =>
      filter(
        { prio: 5, protocol: 0x0800 },
        u32(
          handle(1, 0x10),
          [16, 0xffff_ff00, 0x0a01_0200],
          [8, 0xff_0000, 0x06_0000],
          [20, 0xffff, 80],
        ),
      ),
  'filter add dev d0 parent 1: protocol ipv6 prio 6 u32 match ip6 dst 2001:db8::/64 flowid 1:10':
    () =>
      filter(
        { prio: 6, protocol: 0x86dd },
        u32(handle(1, 0x10), [24, 0xffff_ffff, 0x2001_0db8], [28, 0xffff_ffff, 0]),
      ),
  'filter add dev d0 parent 1: protocol all prio 20055 u32 match u8 0x45 0xff at 0 match u16 0 0x3fff at 6 flowid 4e57:3':
    () =>
      filter(
        { prio: 20055, protocol: ETH_P_ALL },
        u32(handle(0x4e57, 3), [0, 0xff00_0000, 0x4500_0000], [4, 0x3fff, 0]),
      ),
  'filter add dev d0 parent 1: protocol ip prio 7 flower ip_proto tcp dst_ip 10.1.0.0/16 dst_port 443 src_port 1000-2000 classid 1:10':
    () =>
      filter(
        { prio: 7, protocol: 0x0800 },
        {
          ...flower(0x0800, 6, '10.1.0.0/16'),
          destinationPorts: { port: 443, mask: 0xffff },
          sourcePorts: { first: 1000, last: 2000 },
          classid: handle(1, 0x10),
        },
      ),
  'filter add dev d0 parent 1: protocol ipv6 prio 8 flower ip_proto udp dst_ip 2001:db8::/32 classid 1:10':
    () =>
      filter(
        { prio: 8, protocol: 0x86dd },
        { ...flower(0x86dd, 17, '2001:db8::/32'), classid: handle(1, 0x10) },
      ),
  'filter add dev d0 parent 1: protocol ip prio 20056 flower ip_proto udp dst_ip 192.0.2.0/25 src_ip 10.0.0.1 ip_tos 0xb8/0xfc dst_port 5000-5010 src_port 1-1000 ip_flags nofrag classid 4e57:a':
    () =>
      filter(
        { prio: 20056, protocol: 0x0800 },
        {
          ...flower(0x0800, 17, '192.0.2.0/25', '10.0.0.1'),
          tos: { value: 0xb8, mask: 0xfc },
          destinationPorts: { first: 5000, last: 5010 },
          sourcePorts: { first: 1, last: 1000 },
          fragment: false,
          classid: handle(0x4e57, 10),
        },
      ),
  'filter add dev d0 parent 1: protocol ipv6 prio 20057 flower ip_proto sctp dst_ip 2001:db8::/33 src_ip 2001:db8::1 dst_port 4096/0xfff0 src_port 9 classid 4e57:b':
    () =>
      filter(
        { prio: 20057, protocol: 0x86dd },
        {
          ...flower(0x86dd, 132, '2001:db8::/33', '2001:db8::1'),
          destinationPorts: { port: 4096, mask: 0xfff0 },
          sourcePorts: { port: 9, mask: 0xffff },
          classid: handle(0x4e57, 11),
        },
      ),
  'filter add dev d0 parent 1: protocol ip prio 20058 flower ip_proto tcp dst_ip 10.1.0.0/16 action mirred egress redirect dev ifb9':
    () =>
      filter(
        { prio: 20058, protocol: 0x0800 },
        { ...flower(0x0800, 6, '10.1.0.0/16'), actions: [redirectTo(3)] },
      ),
  'filter add dev d0 parent 1: protocol all prio 9 matchall classid 1:30': () =>
    filter({ prio: 9, protocol: ETH_P_ALL }, { kind: 'matchall', classid: handle(1, 0x30) }),
  'filter add dev d0 parent 1: protocol all prio 20059 handle 7 matchall action mirred egress redirect dev ifb9 action mirred egress redirect dev d0':
    () =>
      filter(
        { prio: 20059, protocol: ETH_P_ALL, handle: 7 },
        { kind: 'matchall', actions: [redirectTo(3), redirectTo(2)] },
      ),
  'filter add dev d0 parent ffff: protocol all prio 1 u32 match u32 0 0 action mirred egress redirect dev ifb0':
    () => addRedirectFilter({ ...ingress, prio: 1 }, 3),
  'filter add dev d0 parent ffff: protocol all prio 2 matchall action mirred egress redirect dev ifb0':
    () =>
      addFilter(
        { ...ingress, prio: 2, protocol: ETH_P_ALL },
        { kind: 'matchall', actions: [redirectTo(3)] },
      ),
  'filter del dev d0 parent 1: protocol ip prio 7': () =>
    deleteFilters({ ...root, prio: 7, protocol: 0x0800 }),
  'filter del dev d0 parent 1: prio 20059': () => deleteFilters({ ...root, prio: 20059 }),
  'filter add dev d0 egress prio 20055 protocol all u32 match u32 0 0 action mirred egress redirect dev tap9':
    () => addRedirectFilter(egress, 5),
  'filter del dev d0 egress prio 20055 protocol all': () => deleteFilters(egress),
};

describe('requests for filters are the messages of tc', () => {
  test('every command of the dump for a filter of a kind that we make is compared', () => {
    const compared = goldens.map(({ command }) => command);
    const known = Object.keys(requests).map((command) => `tc ${command}`);
    assert.deepEqual([...new Set(compared)].sort(), known.sort());
  });

  for (const { command, sent } of goldens) {
    test(command, () => {
      const ours = message(requests[command.slice(3)]?.() ?? assert.fail('no request'));
      const theirs = withoutSequence(sent ?? assert.fail('tc sent nothing'));
      assert.equal(ours.toString('hex'), theirs.toString('hex'));
    });
  }
});
