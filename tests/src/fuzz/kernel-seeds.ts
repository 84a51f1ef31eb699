import { readFileSync } from 'node:fs';
import {
  encodeQdiscOptions,
  netemDistribution,
  neutralNetem,
  nftables,
  type QdiscOptions,
  rateSpec,
} from '@netweir/kernel';
import { encodeTransaction } from '../../../packages/kernel/dist/nftables/transaction.js';
import { encodeHtbClass } from '../../../packages/kernel/dist/tc/htb.js';
import { encode } from './mutate-attributes.ts';
import { joined } from './mutate-bytes.ts';

const NLMSG_HEADER_LENGTH = 16;
const TCA_KIND = 1;
const TCA_OPTIONS = 2;
const TCA_STATS2 = 7;

/** What tc and ip sent, as recorded in the package's golden files, each with its `struct nlmsghdr`. */
export const GOLDEN: readonly Uint8Array[] = ['tc_dump', 'ip_dump', 'ip_set_dump'].flatMap(
  (name) => {
    const path = new URL(`../../../packages/kernel/golden/${name}.txt`, import.meta.url);
    return [...readFileSync(path, 'utf8').matchAll(/^TX\[\d+\] (.*)$/gm)].map(([, hex = '']) =>
      Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex')),
    );
  },
);

/** The bodies of the recorded messages of these types. */
export function goldenOf(...types: readonly number[]): Uint8Array[] {
  return GOLDEN.filter((message) =>
    types.includes((message[4] ?? 0) | ((message[5] ?? 0) << 8)),
  ).map((message) => message.subarray(NLMSG_HEADER_LENGTH));
}

/** What `JSON` is to values: `text` as the bytes of a string that ends with a NUL. */
function cString(text: string): Uint8Array {
  return Buffer.from(`${text}\0`);
}

export function words(...values: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(values).buffer);
}

const QDISCS: readonly QdiscOptions[] = [
  neutralNetem,
  {
    ...neutralNetem,
    latencyNs: 100_000_000,
    jitterNs: 1_000_000,
    loss: { model: 'gilbert-elliott', p: 1, r: 2, h: 3, k1: 4 },
    rate: { bytesPerSecond: 2 ** 33, packetOverhead: -14, cellSize: 48, cellOverhead: 5 },
    gap: 3,
    seed: 7n,
    delayDistribution: netemDistribution('normal').slice(0, 64),
  },
  {
    ...neutralNetem,
    loss: { model: 'state', p13: 1, p31: 2, p32: 3, p14: 4, p23: 5 },
    slot: { ...neutralNetem.slot, minDelayNs: 1, maxDelayNs: 2, maxPackets: 3, maxBytes: 4 },
  },
  { kind: 'tbf', rate: rateSpec(125_000), limitBytes: 10_000, burstBytes: 2000 },
  {
    kind: 'tbf',
    rate: rateSpec(2 ** 33),
    limitBytes: 10_000,
    burstBytes: 2000,
    peak: { rate: rateSpec(2 ** 34), burstBytes: 2000 },
  },
  { kind: 'htb', defaultMinor: 1, rate2quantum: 10, directQlen: 1000 },
  { kind: 'prio', bands: 3, priomap: [1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1] },
  {
    kind: 'fq_codel',
    ...{ limit: 1, flows: 2, quantumBytes: 3, intervalUs: 4, targetUs: 5, ecn: true },
    ...{ ceThresholdUs: 6, memoryLimitBytes: 7, dropBatchSize: 8 },
  },
  { kind: 'pfifo', limitPackets: 10 },
  { kind: 'bfifo', limitBytes: 10_000 },
];

/** TCA_OPTIONS of each kind of qdisc. */
export const QDISC_OPTIONS: readonly { kind: string; bytes: Uint8Array }[] = QDISCS.map(
  (options) => ({ kind: options.kind, bytes: encodeQdiscOptions(options) ?? new Uint8Array() }),
);

export const HTB_CLASS: Uint8Array = encodeHtbClass({
  kind: 'htb',
  rate: rateSpec(2 ** 33),
  ceil: rateSpec(2 ** 34),
  ...{ burstBytes: 1600, cburstBytes: 1600, quantumBytes: 1500, prio: 1 },
});

const STATS = encode([
  { type: 1, payload: words(1, 0, 2, 0) },
  { type: 8, payload: words(2, 0) },
  { type: 3, payload: words(1, 2, 3, 4, 5) },
  { type: 4, payload: words(...Array.from({ length: 14 }, (_, index) => index)) },
]);

/** Bodies of RTM_NEWQDISC and its like: `struct tcmsg`, kind, options, statistics old and new. */
export const TC_BODIES: readonly Uint8Array[] = [
  ...QDISC_OPTIONS,
  { kind: 'htb', bytes: HTB_CLASS },
].flatMap(({ kind, bytes }) => {
  const start = [
    { type: TCA_KIND, payload: cString(kind) },
    { type: TCA_OPTIONS, payload: bytes },
  ];
  const tcmsg = words(0, 2, 0x4e57_0000, 0xffff_ffff, 1);
  return [
    joined([tcmsg, encode([...start, { type: TCA_STATS2, payload: STATS }])]),
    joined([tcmsg, encode([...start, { type: 3, payload: words(1, 0, 2, 3, 4, 5, 6, 7, 8) }])]),
  ];
});

const { addChain, addTable, appendRule, match, meta, ip, ip6, ct, tcp, udp, th } = nftables;
const inet = { family: 'inet', table: 'fw' } as const;
const chain = { ...inet, chain: 'forward' } as const;
const nat = { family: 'ip', table: 'nat', chain: 'pre' } as const;

/** The requests of a ruleset, which are like the kernel's answers but for the handles. */
const RULESET = encodeTransaction([
  addTable(inet),
  addTable(nat),
  addChain({ ...chain, base: { type: 'filter', hook: 'forward', priority: -10 } }),
  addChain({ ...nat, base: { type: 'nat', hook: 'prerouting', priority: -100 } }),
  addChain({
    family: 'netdev',
    table: 'd',
    chain: 'in',
    base: { type: 'filter', hook: 'ingress', priority: 0, devices: ['eth0', 'eth1'] },
  }),
  appendRule(chain, match(tcp.dport, [80, 443]), nftables.counter, nftables.accept),
  appendRule(chain, match(ip6.saddr, 'fd00:1::/64'), nftables.jumpTo('other')),
  appendRule(chain, match(ct.state, ['established', 'related']), nftables.reject()),
  appendRule(chain, nftables.limitRate({ rate: 10, per: 'second' }), nftables.notrack),
  appendRule(chain, match(th.dport, { from: 1000, to: 2000 }), nftables.setCtTimeout('t')),
  appendRule(nat, match(ip.daddr, '10.0.0.0/9'), nftables.redirectTo({ port: 80 })),
  appendRule(nat, match(tcp.dport, 8080), nftables.dnatTo({ address: '10.0.0.5', port: 80 })),
  appendRule(nat, match(meta.oif, 3), nftables.masquerade({ fullyRandom: true })),
  appendRule(nat, match(udp.sport, { from: 1, to: 9 }), nftables.drop),
  nftables.addSet({
    ...inet,
    set: 's',
    key: ['ipv4_addr', 'inet_service'],
    timeoutMs: 1000,
    size: 9,
  }),
  nftables.addSet({
    ...inet,
    set: 'm',
    key: ['ipv4_addr'],
    data: ['ipv6_addr'],
    interval: true,
    elements: [{ key: '10.0.0.0/8', data: '::1', timeoutMs: 5 }],
  }),
  nftables.addCtTimeout({
    ...inet,
    ctTimeout: 't',
    l3: 4,
    protocol: 'tcp',
    policy: { established: 60, close: 5 },
  }),
]);

const HANDLES: Readonly<Record<number, number>> = { 2560: 4, 2563: 2, 2566: 3, 2569: 16 };

/** Bodies of an nftables message type, with a handle as the kernel's have. */
export function nftBodies(type: number): Uint8Array[] {
  const handle = encode([{ type: HANDLES[type] ?? 99, payload: words(0, 0x0700_0000) }]);
  return RULESET.filter((request) => request.type === type).map(({ body }) =>
    joined([body, handle]),
  );
}

/** Elements of a map, as the kernel lists them. */
export const ELEMENTS: readonly Uint8Array[] = encodeTransaction([
  nftables.addElements(
    { ...inet, set: 'm', key: ['ipv4_addr', 'inet_service'], data: ['ifname'] },
    [
      { key: ['10.0.0.1', 80], data: 'eth0', timeoutMs: 1000 },
      { key: ['10.0.0.2', 81], data: 'eth1' },
    ],
  ),
])
  .slice(1, -1)
  .map(({ body }) => body);
