import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directionOfTc, exactDirection, isUntouched } from '@netweir/api';
import {
  addClass,
  addFilter,
  addIfb,
  addQdisc,
  deleteClass,
  deleteFilters,
  deleteQdisc,
  dumpFilters,
  dumpQdiscs,
  ETH_P_ALL,
  getLink,
  handle,
  ingressPlace,
  type NetlinkSocket,
  type Request,
  rateSpec,
  replaceQdisc,
  setLinkUp,
  TC_H_CLSACT_INGRESS,
  TC_H_ROOT,
} from '@netweir/kernel';
import fc from 'fast-check';
import { NO_DISTRIBUTIONS, netemOf } from '../mechanism/netem.ts';
import { rootOf } from '../original/original.ts';
import { OUR_MAJOR, OUR_ROOT, plan } from '../plan.ts';
import { netemText } from '../tc-text.test-support.ts';
import { makeWire, realAbilities, type Wire } from '../wire.test-support.ts';
import { describeOperations } from './describe-operations.ts';

/** Each is a netem made anew, and then changed to another one in place. */
const RUNS = 20;

/** Slots of a time whose double tc would round down to a nanosecond less if it had a decimal point. */
const AWKWARD: readonly [string, string] = [
  'netem slot distribution normal 1024003ns 8ns loss gemodel 0.001 rate 8 0 delay 1s limit 1',
  'netem rate 8 0 delay 1ms reorder 0.001 0.001 slot 261352 loss 0.001 0.001',
];

/** Does it to `v0` by netlink, and to its peer `v1` by the lines that are printed. */
function doBoth(wire: Wire, requests: readonly Request[]): string {
  const { netlink, at } = wire;
  const filters = netlink.dump(dumpFilters(at.ifindex, 0));
  const lines = describeOperations(requests, {
    interfaceNameOf: (ifindex) => (ifindex === at.ifindex ? 'v1' : 'nwifb'),
    qdiscs: netlink.dump(dumpQdiscs(at.ifindex)),
    filters,
  }).map(({ command }) => command);
  for (const request of requests) netlink.request(request);
  const text = lines.join('\n');
  wire.runFar('sh', '-e', '-c', text);
  return text;
}

/** All that tc tells of an interface but its counters, whatever it is called. */
function dumps(run: Wire['run'], name: string, hooks: readonly string[] = []): string[] {
  const show = (...args: string[]): string =>
    run('tc', '-d', ...args)
      .replaceAll(new RegExp(`\\b${name}\\b`, 'gu'), 'DEV')
      .replaceAll(/direct_packets_stat \d+/gu, '');
  return [
    show('qdisc', 'show', 'dev', name),
    show('class', 'show', 'dev', name),
    ...[[], ...hooks.map((hook) => [hook])].map((hook) =>
      show('filter', 'show', 'dev', name, ...hook),
    ),
  ];
}

test('the lines that are printed of a netem make the same netem, anew and in the place of another', (t) => {
  const wire = makeWire(t, 'tcc');
  const { at, netlink } = wire;
  const far = wire.far.netlink();
  t.after(() => far.close());
  const [peer] = far.query(getLink({ name: 'v1' }));
  assert.ok(peer);
  const json = (run: Wire['run'], name: string): unknown =>
    JSON.parse(run('tc', '-j', 'qdisc', 'show', 'dev', name, 'root'));
  // tc shows six digits of a number.
  const inKernel = (socket: NetlinkSocket, ifindex: number): unknown => {
    const root = rootOf(socket.dump(dumpQdiscs(ifindex)));
    assert.ok(root?.options?.kind === 'netem');
    const { seed: _seed, ...options } = root.options;
    return options;
  };
  fc.assert(
    fc.property(fc.tuple(netemText, netemText), (texts) => {
      const directions = texts.map(directionOfTc);
      fc.pre(!directions.some(isUntouched));
      for (const direction of directions) {
        const { requests } = plan({
          ifindex: at.ifindex,
          interface: 'v0',
          mtu: 1500,
          wanted: exactDirection(direction),
          root: rootOf(netlink.dump(dumpQdiscs(at.ifindex))),
          sent: NO_DISTRIBUTIONS,
          freshSeed: 1n,
          // iproute2 knows seeds since 6.6.
          abilities: { ...realAbilities(), netemSeed: false },
        });
        const lines = doBoth(wire, requests);
        // The one thing that tc cannot do, which the lines say.
        if (/cannot end ecn/u.test(lines)) break;
        assert.deepEqual(json(wire.runFar, 'v1'), json(wire.run, 'v0'), lines);
        assert.deepEqual(inKernel(far, peer.ifindex), inKernel(netlink, at.ifindex), lines);
      }
      doBoth(wire, [deleteQdisc({ ...at, parent: TC_H_ROOT, target: 'v0' })]);
    }),
    { numRuns: RUNS, examples: [[AWKWARD]] },
  );
});

test('the lines that are printed of a tree with classes and filters make the same tree', (t) => {
  const wire = makeWire(t, 'tct');
  const { ifindex } = wire.at;
  const at = { ifindex, target: 'v0' };
  const minor = (value: number): number => handle(OUR_MAJOR, value);
  const plain = { kind: 'htb', quantumBytes: 60_000, prio: 0 } as const;
  const delay = netemOf(exactDirection({ delay: { mean: '100ms' } }), NO_DISTRIBUTIONS);
  const filters = { ...at, parent: OUR_ROOT, protocol: ETH_P_ALL };
  const key = { offset: 16, mask: 0xffff_0000, value: 0x0a01_0000 };
  const tree = [
    addQdisc(
      { ...at, parent: TC_H_ROOT, handle: OUR_ROOT },
      { kind: 'htb', defaultMinor: 1, rate2quantum: 10, directQlen: 10_000 },
    ),
    ...[
      { rate: 125_000_000_000, burst: 1_000_000 },
      { rate: 1_250_000, burst: 15_000 },
    ].map(({ rate, burst }, index) =>
      addClass(
        { ...at, parent: OUR_ROOT, handle: minor(index + 1) },
        {
          ...plain,
          rate: rateSpec(rate),
          ceil: rateSpec(rate),
          burstBytes: burst,
          cburstBytes: burst,
        },
      ),
    ),
    addQdisc(
      { ...at, parent: minor(1), handle: handle(OUR_MAJOR + 1) },
      { kind: 'pfifo', limitPackets: 100 },
    ),
    addQdisc({ ...at, parent: minor(2), handle: handle(OUR_MAJOR + 2) }, delay),
    addFilter({ ...filters, prio: 64 }, { kind: 'u32', keys: [key], classid: minor(2) }),
    addFilter(
      { ...filters, prio: 65 },
      { kind: 'u32', keys: [key, { ...key, offset: 12 }], classid: minor(1) },
    ),
    addFilter(
      { ...filters, prio: 70, protocol: 0x0800 },
      {
        kind: 'flower',
        ethType: 0x0800,
        ipProtocol: 17,
        source: { family: 4, bytes: Uint8Array.of(10, 2, 0, 0), prefixLength: 16 },
        tos: { value: 0xb8, mask: 0xfc },
        destinationPorts: { first: 5000, last: 6000 },
        fragment: false,
        classid: minor(2),
      },
    ),
    addFilter(
      { ...filters, prio: 71, protocol: 0x86dd },
      {
        kind: 'flower',
        ethType: 0x86dd,
        ipProtocol: 6,
        destination: {
          family: 6,
          bytes: Uint8Array.of(0xfd, ...Array.from({ length: 15 }, () => 0)),
          prefixLength: 8,
        },
        sourcePorts: { port: 443, mask: 0xffff },
        classid: minor(1),
      },
    ),
    addFilter({ ...filters, prio: 72 }, { kind: 'matchall', classid: minor(1) }),
  ];
  const same = (hooks: readonly string[] = []): void =>
    assert.deepEqual(dumps(wire.runFar, 'v1', hooks), dumps(wire.run, 'v0', hooks));
  doBoth(wire, tree);
  same();
  assert.match(dumps(wire.runFar, 'v1').join('\n'), /htb 4e57:.*delay 100ms/su);
  doBoth(wire, [
    replaceQdisc(
      { ...at, parent: minor(2), handle: handle(OUR_MAJOR + 2) },
      { ...delay, limit: 7 },
    ),
    deleteFilters({ ...filters, prio: 65 }),
    deleteFilters({ ...filters, prio: 71, protocol: 0x86dd }),
    deleteFilters({ ...filters, prio: 72 }),
    deleteQdisc({ ...at, parent: minor(1) }),
    deleteClass({ ...at, handle: minor(1) }),
  ]);
  same();
  doBoth(wire, [addIfb({ name: 'nwifb' })]);
  const [ifb] = wire.netlink.query(getLink({ name: 'nwifb' }));
  assert.ok(ifb);
  const redirect = [{ kind: 'redirect', toIfindex: ifb.ifindex }] as const;
  doBoth(wire, [
    setLinkUp({ ifindex: ifb.ifindex }),
    addQdisc({ ...at, ...ingressPlace }, { kind: 'clsact' }),
    addFilter(
      { ...at, parent: TC_H_CLSACT_INGRESS, prio: OUR_MAJOR, protocol: ETH_P_ALL },
      { kind: 'matchall', actions: redirect },
    ),
  ]);
  same(['ingress', 'egress']);
  assert.match(dumps(wire.runFar, 'v1', ['ingress']).join('\n'), /Redirect to device nwifb/u);
  const up = (run: Wire['run']): string => run('ip', '-o', 'link', 'show', 'dev', 'nwifb', 'up');
  assert.match(up(wire.runFar), /nwifb/u);
  const both = { ...filters, prio: 80 };
  doBoth(wire, [
    ...[0x0800, 0x86dd].map((ethType) =>
      addFilter(both, { kind: 'flower', ethType, ipProtocol: 132, classid: minor(2) }),
    ),
  ]);
  assert.match(wire.runFar('tc', 'filter', 'show', 'dev', 'v1'), /ip pref 80 .*ipv6 pref 81 /su);
  doBoth(wire, [deleteFilters({ ...at, parent: OUR_ROOT, prio: 80 })]);
  same();
  doBoth(wire, [
    deleteQdisc({ ...at, ...ingressPlace, kind: 'clsact' }),
    deleteQdisc({ ...at, parent: TC_H_ROOT, handle: OUR_ROOT }),
  ]);
  same();
});
