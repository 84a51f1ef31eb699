import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import * as kernel from '@netweir/kernel';
import { type Decoder, ofAttributes } from './decoder.ts';
import { fuzzAll } from './run.ts';

const { nftables } = kernel;
const NAME = `nwfuzz${process.pid}`;
const HTB = kernel.handle(1);
const FW = { family: 'inet', table: 'fw' } as const;
const FORWARD = { ...FW, chain: 'forward' } as const;
const SET = { ...FW, set: 's', key: ['ipv4_addr', 'inet_service'], data: ['mark'] } as const;

/** A question, whose answers the kernel gives through the socket; of what length their headers are. */
interface Asked {
  readonly name: string;
  readonly socket: kernel.NetlinkSocket;
  readonly query: kernel.Query<unknown>;
  readonly offset: number;
}

/** What a kernel answers that has some of everything, asked in a namespace that is gone afterwards. */
function recorded(): Decoder[] {
  const namespace = kernel.createNamed(NAME);
  const route = namespace.netlink();
  const netfilter = namespace.netlink({ protocol: kernel.NETLINK_NETFILTER });
  try {
    return questions(route, netfilter, furnish(route, netfilter)).map(decoderOf);
  } finally {
    route.close();
    netfilter.close();
    namespace.close();
    kernel.deleteNamed(NAME);
  }
}

/** Makes some of everything; returns the index of the interface that has most of it. */
function furnish(route: kernel.NetlinkSocket, netfilter: kernel.NetlinkSocket): number {
  route.request(kernel.addVeth({ name: 'v0', mtu: 1400 }, { name: 'v1' }));
  route.request(kernel.addBridge({ name: 'br0' }));
  const [bridge] = route.query(kernel.getLink({ name: 'br0' }));
  assert.ok(bridge);
  route.request(kernel.setLinkMaster({ name: 'v1' }, bridge.ifindex));
  for (const name of ['lo', 'v0', 'v1', 'br0']) route.request(kernel.setLinkUp({ name }));
  const [link] = route.query(kernel.getLink({ name: 'v0' }));
  assert.ok(link);
  const { ifindex } = link;
  const ip = (...words: string[]): void => void execFileSync('ip', ['-n', NAME, ...words]);
  const tc = (...words: string[]): void => void execFileSync('tc', ['-n', NAME, ...words]);
  ip('addr', 'add', '10.0.0.1/24', 'broadcast', '+', 'dev', 'v0');
  ip('addr', 'add', '2001:db8::1/64', 'dev', 'v0', 'nodad');
  ip(
    'route',
    'add',
    '10.9.0.0/16',
    'nexthop',
    'via',
    '10.0.0.2',
    'weight',
    '2',
    'nexthop',
    'dev',
    'v0',
  );
  ip(
    'route',
    'add',
    '10.8.0.0/16',
    'via',
    '10.0.0.2',
    'metric',
    '7',
    'mtu',
    '1300',
    'src',
    '10.0.0.1',
  );
  ip('rule', 'add', 'fwmark', '1/3', 'from', '10.0.0.0/8', 'table', '300');
  ip('-6', 'rule', 'add', 'iif', 'v0', 'table', '301');
  route.request(kernel.addNeighbour({ ifindex, address: '10.0.0.2', lladdr: '02:00:00:00:00:02' }));
  tc('qdisc', 'add', 'dev', 'v0', 'root', 'handle', '1:', 'htb', 'default', '10');
  tc(
    'class',
    'add',
    'dev',
    'v0',
    'parent',
    '1:',
    'classid',
    '1:10',
    'htb',
    'rate',
    '5gbit',
    'ceil',
    '50gbit',
  );
  tc(
    'qdisc',
    'add',
    'dev',
    'v0',
    'parent',
    '1:10',
    'tbf',
    'rate',
    '1mbit',
    'burst',
    '10k',
    'limit',
    '20k',
  );
  tc(
    ...'filter add dev v0 parent 1: prio 5 protocol ip u32 match ip dport 80 0xffff classid 1:10'.split(
      ' ',
    ),
  );
  tc('qdisc', 'add', 'dev', 'v0', 'clsact');
  nftables.commit(netfilter, [
    nftables.addTable(FW),
    nftables.addChain({ ...FORWARD, base: { type: 'filter', hook: 'output', priority: 10 } }),
    nftables.addSet({ ...SET, timeout: true }),
    nftables.addElements(SET, [{ key: ['10.0.0.1', 80], data: 7, timeoutMs: 60_000 }]),
    nftables.appendRule(FORWARD, nftables.match(nftables.ct.state, 'new'), nftables.counter),
    nftables.appendRule(FORWARD, nftables.match(nftables.tcp.dport, [80, 443]), nftables.accept),
    nftables.appendRule(FORWARD, nftables.match(nftables.udp.dport, 53), nftables.reject()),
  ]);
  execFileSync('ip', ['netns', 'exec', NAME, 'ping', '-c', '1', '127.0.0.1']);
  return ifindex;
}

function questions(
  route: kernel.NetlinkSocket,
  netfilter: kernel.NetlinkSocket,
  ifindex: number,
): Asked[] {
  const filters = kernel.dumpFilters(ifindex, HTB);
  return [
    { name: 'links', socket: route, query: kernel.dumpLinks({ stats: true }), offset: 16 },
    { name: 'addresses', socket: route, query: kernel.dumpAddresses(), offset: 8 },
    { name: 'routes', socket: route, query: kernel.dumpRoutes(), offset: 12 },
    { name: 'rules', socket: route, query: kernel.dumpRules(), offset: 12 },
    { name: 'neighbours', socket: route, query: kernel.dumpNeighbours(), offset: 12 },
    { name: 'qdiscs', socket: route, query: kernel.dumpQdiscs(), offset: 20 },
    { name: 'classes', socket: route, query: kernel.dumpClasses(ifindex), offset: 20 },
    { name: 'filters', socket: route, query: filters, offset: 20 },
    { name: 'tables', socket: netfilter, query: nftables.listTables(), offset: 4 },
    { name: 'chains', socket: netfilter, query: nftables.listChains(), offset: 4 },
    { name: 'rules of nftables', socket: netfilter, query: nftables.listRules(), offset: 4 },
    { name: 'sets', socket: netfilter, query: nftables.listSets(), offset: 4 },
    { name: 'elements', socket: netfilter, query: nftables.listElements(SET), offset: 4 },
    { name: 'conntrack', socket: netfilter, query: kernel.dumpConntrack(), offset: 4 },
  ];
}

function decoderOf({ name, socket, query, offset }: Asked): Decoder {
  const messages = socket.dump({ ...query, parse: (message) => message });
  const [first] = messages;
  assert.ok(first, `the kernel has no ${name}`);
  const { type, flags } = first;
  return ofAttributes({
    name: `the kernel's own ${name}`,
    covers: [],
    offset,
    seeds: messages.map(({ body }) => body),
    decode: (body) => query.parse({ type, flags, body }),
  });
}

fuzzAll(recorded());
