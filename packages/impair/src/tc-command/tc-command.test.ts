import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Direction, directionOfTc, exactDirection, isUntouched } from '@netweir/api';
import {
  addBpfFilter,
  addClass,
  addFilter,
  addIfb,
  addQdisc,
  deleteClass,
  deleteFilters,
  deleteLink,
  deleteQdisc,
  ETH_P_ALL,
  handle,
  ingressPlace,
  type Netem,
  neutralNetem,
  parseFilter,
  parseIpPrefix,
  type Qdisc,
  type Request,
  rateSpec,
  replaceQdisc,
  setLinkDown,
  setLinkMtu,
  setLinkUp,
  TC_H_CLSACT_INGRESS,
  TC_H_ROOT,
} from '@netweir/kernel';
import fc from 'fast-check';
import { NO_DISTRIBUTIONS, netemOf } from '../mechanism/netem.ts';
import { type Abilities, OUR_MAJOR, OUR_ROOT, plan } from '../plan.ts';
import { netemText } from '../tc-text.test-support.ts';
import { describeEngine, describeOperations } from './describe-operations.ts';
import { tcCommandOf } from './tc-command.ts';

const names = new Map([
  [7, 'eth0'],
  [8, 'nwifb7'],
]);
const nameOf = (ifindex: number): string => names.get(ifindex) ?? 'nobody';
const commandOf = (request: Request): string => tcCommandOf(request, nameOf);

const at = { ifindex: 7, target: 'eth0' };
const root = { ...at, parent: TC_H_ROOT, handle: OUR_ROOT };
const leaf = { ...at, parent: handle(OUR_MAJOR, 2), handle: handle(OUR_MAJOR + 2) };
const filters = { ...at, parent: OUR_ROOT, prio: 64, protocol: ETH_P_ALL };
const toClass = { classid: handle(OUR_MAJOR, 2) };
const toIfb = { actions: [{ kind: 'redirect', toIfindex: 8 }] } as const;

const LINES: readonly (readonly [request: Request, line: string])[] = [
  [
    addQdisc(root, { kind: 'tbf', rate: rateSpec(1_250_000), burstBytes: 5000, limitBytes: 9000 }),
    'tc qdisc add dev eth0 root handle 4e57: tbf rate 10mbit burst 5000b limit 9000b',
  ],
  [
    replaceQdisc(root, { kind: 'htb', defaultMinor: 16, rate2quantum: 10, directQlen: 1000 }),
    'tc qdisc replace dev eth0 root handle 4e57: htb default 0x10 r2q 10 direct_qlen 1000',
  ],
  [
    addClass(
      { ...at, parent: OUR_ROOT, handle: handle(OUR_MAJOR, 2) },
      {
        kind: 'htb',
        rate: rateSpec(125_000_000_000),
        ceil: rateSpec(125_000_000_000),
        burstBytes: 1_000_000,
        cburstBytes: 1_000_000,
        quantumBytes: 60_000,
        prio: 0,
      },
    ),
    'tc class add dev eth0 parent 4e57: classid 4e57:2 htb rate 1000gbit ceil 1000gbit burst 1000000b cburst 1000000b quantum 60000',
  ],
  [
    addQdisc(leaf, { kind: 'pfifo', limitPackets: 100 }),
    'tc qdisc add dev eth0 parent 4e57:2 handle 4e59: pfifo limit 100',
  ],
  [
    addFilter(filters, {
      kind: 'u32',
      keys: [{ offset: 16, mask: 0xff00_0000, value: 0x0a00_0000 }],
      ...toClass,
    }),
    'tc filter add dev eth0 parent 4e57: protocol all prio 64 u32 match u32 0xa000000 0xff000000 at 16 classid 4e57:2',
  ],
  [
    addFilter(
      { ...filters, protocol: 0x0800 },
      {
        kind: 'flower',
        ethType: 0x0800,
        ipProtocol: 6,
        destination: parseIpPrefix('10.0.0.0/8'),
        tos: { value: 0x28, mask: 0xfc },
        destinationPorts: { first: 80, last: 90 },
        sourcePorts: { port: 1024, mask: 0xfc00 },
        fragment: false,
        ...toClass,
      },
    ),
    'tc filter add dev eth0 parent 4e57: protocol ip prio 64 flower ip_proto tcp dst_ip 10.0.0.0/8 ip_tos 0x28/0xfc dst_port 80-90 src_port 1024/0xfc00 ip_flags nofrag classid 4e57:2',
  ],
  [
    addFilter(
      { ...filters, parent: TC_H_CLSACT_INGRESS, prio: OUR_MAJOR },
      { kind: 'matchall', ...toIfb },
    ),
    'tc filter add dev eth0 ingress protocol all prio 20055 matchall action mirred egress redirect dev nwifb7',
  ],
  [addQdisc({ ...at, ...ingressPlace }, { kind: 'clsact' }), 'tc qdisc add dev eth0 clsact'],
  [deleteQdisc(root), 'tc qdisc del dev eth0 root handle 4e57:'],
  [deleteQdisc({ ...at, ...ingressPlace, kind: 'clsact' }), 'tc qdisc del dev eth0 clsact'],
  [
    deleteFilters({ ...at, parent: OUR_ROOT, prio: 64 }),
    'tc filter del dev eth0 parent 4e57: prio 64',
  ],
  [deleteFilters(filters), 'tc filter del dev eth0 parent 4e57: protocol all prio 64'],
  [deleteClass({ ...at, handle: handle(OUR_MAJOR, 2) }), 'tc class del dev eth0 classid 4e57:2'],
  [addIfb({ name: 'nwifb7', mtu: 9000 }), 'ip link add nwifb7 mtu 9000 type ifb'],
  [setLinkUp({ ifindex: 8 }), 'ip link set dev nwifb7 up'],
  [setLinkDown({ name: "it's" }), "ip link set dev 'it'\\''s' down"],
  [setLinkMtu({ ifindex: 8 }, 1400), 'ip link set dev nwifb7 mtu 1400'],
  [deleteLink({ ifindex: 8 }), 'ip link del dev nwifb7'],
];

describe('what a request does, in the words of tc and ip', () => {
  for (const [request, line] of LINES) {
    test(`${request.operation} is ${line}`, () => {
      assert.equal(commandOf(request), line);
    });
  }

  test('a program is told of behind a #, for nobody else can load it', () => {
    const place = { ...at, parent: TC_H_CLSACT_INGRESS, prio: OUR_MAJOR, handle: 1 };
    const request = addBpfFilter(place, { programFd: 5, name: 'netweir_ingress' });
    assert.match(commandOf(request), /^# .*netweir_ingress.* what eth0 receives$/);
  });

  test('options of a kind that is not understood are told of behind a #', () => {
    const cake = { kind: 'cake', rawOptions: Uint8Array.of(8, 0, 1, 0, 1, 0, 0, 0) };
    assert.match(
      commandOf(replaceQdisc(root, cake)),
      /^# tc qdisc replace .* cake, with the options/,
    );
  });

  test('filters of both families have two priorities of tc, and are deleted as they were made', () => {
    const family = (ethType: number): Request =>
      addFilter(filters, { kind: 'flower', ethType, ipProtocol: 6, ...toClass });
    const remove = deleteFilters({ ...at, parent: OUR_ROOT, prio: 64 });
    const options = { interfaceNameOf: nameOf, qdiscs: [] };
    const requests = [family(0x0800), family(0x86dd), remove, remove];
    const start = 'dev eth0 parent 4e57:';
    assert.deepEqual(
      describeOperations(requests, options).map(({ command }) => command),
      [
        `tc filter add ${start} protocol ip prio 64 flower ip_proto tcp classid 4e57:2`,
        `tc filter add ${start} protocol ipv6 prio 65 flower ip_proto tcp classid 4e57:2`,
        `tc filter del ${start} prio 64\ntc filter del ${start} prio 65`,
        `tc filter del ${start} prio 64`,
      ],
    );
    const ipv6 = parseFilter(family(0x86dd));
    assert.ok(ipv6);
    const [deletion] = describeOperations([remove], { ...options, filters: [ipv6] });
    assert.equal(deletion?.command, `tc filter del ${start} prio 65`);
  });
});

/** The netem of a text, and the line that is printed of it. */
function printed(text: string): { netem: Netem; line: string } {
  const netem = netemOf(exactDirection(directionOfTc(text)), NO_DISTRIBUTIONS);
  return { netem, line: commandOf(addQdisc(root, netem)) };
}

test('what is printed of a netem is read as that netem', () => {
  fc.assert(
    fc.property(netemText, (text) => {
      fc.pre(!isUntouched(directionOfTc(text)));
      const { netem, line } = printed(text);
      assert.deepEqual(printed(line), { netem, line });
    }),
    { numRuns: 1000 },
  );
});

const abilities: Abilities = {
  ...{ netem: true, netemSeed: false, tbf: true, userspace: false },
  ...{ classifier: 'flower', duplicateBesideOthers: true, ifb: true },
};

function operations(wanted: Direction, before: readonly Qdisc[] = []): string[] {
  const { requests } = plan({
    ifindex: 7,
    interface: 'eth0',
    mtu: 1500,
    wanted: exactDirection(wanted),
    root: before[0],
    sent: NO_DISTRIBUTIONS,
    freshSeed: 1n,
    abilities,
  });
  return describeOperations(requests, { interfaceNameOf: nameOf, qdiscs: before }).map(
    ({ operation, command }) => `${operation}: ${command}`,
  );
}

const start = 'replace netem qdisc on eth0: tc qdisc replace dev eth0 root handle 4e57: netem';

function ours(part: Partial<Netem>): Qdisc {
  return {
    ifindex: 7,
    handle: OUR_ROOT,
    parent: TC_H_ROOT,
    kind: 'netem',
    options: { ...neutralNetem, ...part },
    rawOptions: undefined,
    stats: undefined,
  };
}

describe('what is going to be done', () => {
  test('is said request by request', () => {
    assert.deepEqual(operations({ delay: { mean: '100ms', jitter: '10ms', correlation: '25%' } }), [
      `${start} limit 140000 delay 100ms 10ms 25%`,
    ]);
    const seeded = { loss: { model: 'random', probability: '1%' }, seed: '5' } as const;
    const [request] = plan({
      ifindex: 7,
      interface: 'eth0',
      mtu: 1500,
      wanted: exactDirection(seeded),
      root: undefined,
      sent: undefined,
      freshSeed: 1n,
      abilities: { ...abilities, netemSeed: true },
    }).requests;
    assert.ok(request);
    assert.match(commandOf(request), / loss 1% seed 5$/);
  });

  test('what the userspace engine does is told of behind a #', () => {
    const { operation, command } = describeEngine('eth0', 'ingress');
    assert.equal(operation, 'impair by the userspace engine what eth0 receives');
    assert.match(command, /^# impair .* a thread of netweir/);
  });

  test('two tables come one after another', () => {
    const shape = { distribution: 'normal', jitter: '1ms' } as const;
    const both = { delay: { mean: '10ms', ...shape }, slot: { delay: '5ms', ...shape } };
    const delay = 'limit 23000 delay 10ms 1ms';
    assert.deepEqual(operations(both), [
      `${start} ${delay} distribution normal\n# its slots follow with their table`,
      `${start} ${delay} slot distribution normal 5ms 1ms`,
    ]);
  });

  test('what ends is said to be zero where tc would leave it', () => {
    const before = ours({
      correlation: { delay: 5, loss: 0, duplicate: 0 },
      corrupt: { probability: 5, correlation: 0 },
      reorder: { probability: 5, correlation: 0 },
      gap: 1,
      rate: { bytesPerSecond: 5, packetOverhead: 0, cellSize: 0, cellOverhead: 0 },
      slot: { ...neutralNetem.slot, minDelayNs: 5, maxDelayNs: 5 },
      ecn: true,
    });
    assert.deepEqual(operations({ delay: { mean: '1ms' } }, [before]), [
      `${start} limit 1000 delay 1ms 0us 0% reorder 0% corrupt 0% rate 0bit slot 0us\n# tc cannot end ecn without making the netem anew`,
    ]);
  });

  test('in the place of something else nothing has to be said to be zero', () => {
    const foreign = { ...ours({ corrupt: { probability: 5, correlation: 0 } }), handle: handle(1) };
    assert.deepEqual(operations({ delay: { mean: '1ms' } }, [foreign]), [
      `${start} limit 1000 delay 1ms`,
    ]);
  });

  test('the shape of a jitter that tc has no table for is told of', () => {
    const uniform = { delay: { mean: '10ms', jitter: '1ms' } };
    const { requests } = plan({
      ifindex: 7,
      interface: 'eth0',
      mtu: 1500,
      wanted: exactDirection(uniform),
      root: ours({}),
      sent: { delay: 'normal', slot: 'uniform' },
      freshSeed: 1n,
      abilities,
    });
    const [request] = requests;
    assert.ok(request);
    assert.match(commandOf(request), /delay 10ms 1ms\n# with a table that tc has no name for/);
  });
});
