import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, type Request } from '../netlink/request.ts';
import { Writer } from '../netlink/writer.ts';
import { addAddress, deleteAddress, dumpAddresses } from './address.ts';
import {
  clearLinkMaster,
  deleteLink,
  moveLink,
  renameLink,
  setLinkAddress,
  setLinkAlias,
  setLinkDown,
  setLinkMaster,
  setLinkMtu,
  setLinkUp,
} from './link-change.ts';
import { addBridge, addIfb, addMacvlan, addVeth } from './link-create.ts';
import { getLink } from './link-query.ts';
import { addNeighbour, deleteNeighbour } from './neighbour.ts';
import { dumpNsids, getNsid, setNsid } from './nsid.ts';
import { getRoute } from './route.ts';
import { addRoute, deleteRoute, replaceRoute } from './route-change.ts';
import { addRule, deleteRule } from './rule.ts';

/** A request with the flags of its verb: what `ip` sends for the same. */
interface Sent {
  readonly request: Request;
  readonly verb: number;
  /** Where the bytes differ from those of `ip` on purpose: why, and our whole message. */
  readonly differs?: { readonly reason: string; readonly ours: string };
}

const change = (request: Request): Sent => ({ request, verb: NLM_F_ACK });
const get = (request: Request): Sent => ({ request, verb: 0 });
const dump = (request: Request): Sent => ({ request, verb: NLM_F_DUMP });
const byName = (name: string): Sent => get(getLink({ name }));

/** A line of `ip` that has no counterpart here. */
const notOurs = (reason: string) => ({ notOurs: reason });

const peer = { name: 'v3', mtu: 1400, address: '02:00:00:00:00:03', netnsFd: 4 };
const v6Ways = [{ gateway: '2001:db8::2' }, { gateway: '2001:db8::3' }];

const COMMANDS: Record<string, (Sent | { notOurs: string })[]> = {
  'ip link add v0 type veth peer name v1': [change(addVeth({ name: 'v0' }, { name: 'v1' }))],
  'ip link add v2 mtu 1400 address 02:00:00:00:00:02 type veth peer name v3 mtu 1400 address 02:00:00:00:00:03 netns t1':
    [change(addVeth({ name: 'v2', mtu: 1400, address: '02:00:00:00:00:02' }, peer))],
  'ip link add br0 type bridge stp_state 0 forward_delay 0 vlan_filtering 1': [
    {
      ...change(addBridge({ name: 'br0' })),
      differs: {
        reason: 'nothing here needs VLAN filtering, and a kernel without it refuses the attribute',
        ours: '4c000000 10000506 00000000 00000000 00000000 00000000 00000000 00000000 08000300 62723000 24001200 0a000100 62726964 67650000 14000200 08000500 00000000 08000100 00000000',
      },
    },
  ],
  'ip link add ifb0 type ifb': [change(addIfb({ name: 'ifb0' }))],
  'ip link add mv0 link v0 type macvlan mode bridge': [
    byName('v0'),
    change(addMacvlan({ name: 'mv0', linkIfindex: 3, mode: 'bridge' })),
  ],
  'ip link add vx0 type vxlan id 42 remote 10.0.0.1 dstport 4789 dev v0 local 10.0.0.2': [
    byName('v0'),
    notOurs('there is no vxlan encoder'),
  ],
  'ip link set v0 master br0': [byName('br0')],
  'ip link set v0 nomaster': [byName('v0')],
  'ip link set v0 up': [byName('v0'), change(setLinkUp({ ifindex: 3 }))],
  'ip link set v0 down': [byName('v0'), change(setLinkDown({ ifindex: 3 }))],
  'ip link set v0 name w0': [byName('v0')],
  'ip link set w0 mtu 1300': [byName('w0')],
  'ip link set w0 address 02:00:00:00:00:aa': [
    byName('w0'),
    {
      ...get(getLink({ ifindex: 3 })),
      differs: {
        reason: 'getLink never asks for the IPv6 counters, whichever way the link is named',
        ours: '28000000 12000100 00000000 00000000 00000000 03000000 00000000 00000000 08001d00 09000000',
      },
    },
    change(setLinkAddress({ ifindex: 3 }, '02:00:00:00:00:aa')),
  ],
  'ip link set w0 netns t1': [byName('w0')],
  'ip link del v1': [byName('v1'), change(deleteLink({ ifindex: 2 }))],
  'ip addr add 10.0.0.1/24 brd + dev v2': [
    byName('v2'),
    change(addAddress({ ifindex: 4, address: '10.0.0.1/24', broadcast: '+' })),
  ],
  'ip addr add 10.0.0.9 peer 10.0.0.10/32 dev v2': [byName('v2')],
  'ip addr add 2001:db8::1/64 dev v2 nodad': [
    byName('v2'),
    change(addAddress({ ifindex: 4, address: '2001:db8::1/64', noDad: true })),
  ],
  'ip addr del 10.0.0.1/24 dev v2': [byName('v2')],
  'ip addr flush dev v2': [
    byName('v2'),
    dump(dumpAddresses({ ifindex: 4 })),
    notOurs('ip sends the dumped messages back as they came; deleteAddress writes its own'),
    dump(dumpAddresses({ ifindex: 4 })),
  ],
  'ip route add default via 10.0.0.254': [
    change(addRoute({ destination: '0.0.0.0/0', gateway: '10.0.0.254' })),
  ],
  'ip route add 10.1.0.0/16 via 10.0.0.253 dev v2 metric 100 src 10.0.0.1': [
    byName('v2'),
    change(
      addRoute({
        destination: '10.1.0.0/16',
        gateway: '10.0.0.253',
        ifindex: 4,
        metric: 100,
        preferredSource: '10.0.0.1',
      }),
    ),
  ],
  'ip route add 10.2.0.0/16 via 192.0.2.1 dev v2 onlink': [
    byName('v2'),
    change(
      addRoute({ destination: '10.2.0.0/16', gateway: '192.0.2.1', ifindex: 4, onlink: true }),
    ),
  ],
  'ip route add 10.3.0.0/16 nexthop via 10.0.0.2 weight 1 nexthop via 10.0.0.3 weight 3': [
    change(
      addRoute({
        destination: '10.3.0.0/16',
        nexthops: [{ gateway: '10.0.0.2' }, { gateway: '10.0.0.3', weight: 3 }],
      }),
    ),
  ],
  'ip route add 2001:db8:1::/48 via 2001:db8::2': [
    change(addRoute({ destination: '2001:db8:1::/48', gateway: '2001:db8::2' })),
  ],
  'ip route add 2001:db8:2::/48 nexthop via 2001:db8::2 nexthop via 2001:db8::3': [
    change(addRoute({ destination: '2001:db8:2::/48', nexthops: v6Ways })),
  ],
  'ip route add blackhole 10.9.0.0/16': [
    change(addRoute({ destination: '10.9.0.0/16', type: 'blackhole' })),
  ],
  'ip route add 10.4.0.0/16 dev v2 table 1000 mtu 1200': [
    byName('v2'),
    change(addRoute({ destination: '10.4.0.0/16', ifindex: 4, table: 1000, mtu: 1200 })),
  ],
  'ip route replace 10.1.0.0/16 via 10.0.0.252': [
    change(replaceRoute({ destination: '10.1.0.0/16', gateway: '10.0.0.252' })),
  ],
  'ip route del 10.1.0.0/16': [change(deleteRoute({ destination: '10.1.0.0/16' }))],
  'ip route get 10.1.2.3': [get(getRoute('10.1.2.3'))],
  'ip rule add from 10.0.0.0/24 iif v2 lookup 1000 priority 100': [
    change(
      addRule({ family: 4, source: '10.0.0.0/24', iifName: 'v2', table: 1000, priority: 100 }),
    ),
  ],
  'ip rule add fwmark 0x1/0xff lookup 1000': [
    change(addRule({ family: 4, fwmark: 1, fwmask: 0xff, table: 1000 })),
  ],
  'ip -6 rule add to 2001:db8::/32 lookup 1000 priority 99': [
    change(addRule({ family: 6, destination: '2001:db8::/32', table: 1000, priority: 99 })),
  ],
  'ip rule del priority 100': [change(deleteRule({ family: 4, priority: 100 }))],
  'ip neigh add 10.0.0.7 lladdr 02:00:00:00:00:07 dev v2 nud permanent': [
    change(addNeighbour({ ifindex: 4, address: '10.0.0.7', lladdr: '02:00:00:00:00:07' })),
  ],
  'ip neigh del 10.0.0.7 dev v2': [change(deleteNeighbour({ ifindex: 4, address: '10.0.0.7' }))],
  'ip netns set t1 77': [change(setNsid(6, 77))],
  'ip netns list-id': [...Array.from({ length: 4 }, () => get(getNsid(6))), dump(dumpNsids())],
};

const v0 = { ifindex: 3 };
const pointToPoint = { ifindex: 3, address: '10.0.0.9/32', peer: '10.0.0.10' };

const SET_COMMANDS: Record<string, (Sent | { notOurs: string })[]> = {
  'ip link set v0 master br0': [byName('br0'), byName('v0'), change(setLinkMaster(v0, 4))],
  'ip link set v0 nomaster': [byName('v0'), change(clearLinkMaster(v0))],
  'ip link set v0 mtu 1300': [byName('v0'), change(setLinkMtu(v0, 1300))],
  'ip link set v0 name w0': [byName('v0'), change(renameLink(3, 'w0'))],
  'ip addr add 10.0.0.9 peer 10.0.0.10/32 dev w0': [byName('w0'), change(addAddress(pointToPoint))],
  'ip addr del 10.0.0.9 peer 10.0.0.10/32 dev w0': [
    byName('w0'),
    change(deleteAddress(pointToPoint)),
  ],
  'ip addr add 10.0.0.1/24 dev w0': [
    byName('w0'),
    change(addAddress({ ifindex: 3, address: '10.0.0.1/24' })),
  ],
  'ip addr del 10.0.0.1/24 dev w0': [
    byName('w0'),
    change(deleteAddress({ ifindex: 3, address: '10.0.0.1/24' })),
  ],
  'ip link set w0 netns t1': [byName('w0'), change(moveLink(v0, 4))],
  'ip link set dev ifb9 alias netweir:d0': [change(setLinkAlias(v0, 'netweir:d0'))],
};

describe('Requests equal, byte for byte, what `ip` of iproute2 6.1 sends for the same', () => {
  let identical = 0;

  for (const [file, commands] of [
    ['ip_dump.txt', COMMANDS],
    ['ip_set_dump.txt', SET_COMMANDS],
  ] as const) {
    const golden = readGolden(file);
    test(`every command of ${file} is accounted for`, () => {
      assert.deepEqual(Object.keys(commands), [...golden.keys()]);
    });
    for (const [command, lines] of golden) {
      test(command, () => {
        identical += compare(commands[command] ?? [], lines);
      });
    }
  }

  test('74 recorded lines are identical, two differ on purpose, two have no counterpart', (t) => {
    const all = [COMMANDS, SET_COMMANDS].flatMap((commands) => Object.values(commands).flat());
    t.diagnostic(`${identical} of ${all.length} lines identical`);
    assert.equal(identical, 74);
    assert.equal(all.filter((sent) => 'differs' in sent).length, 2);
    assert.equal(all.filter((sent) => 'notOurs' in sent).length, 2);
  });
});

/** Compares a command's messages with its recorded lines; gives the number of identical ones. */
function compare(expected: (Sent | { notOurs: string })[], lines: string[]): number {
  assert.equal(expected.length, lines.length);
  let identical = 0;
  for (const [index, sent] of expected.entries()) {
    if ('notOurs' in sent) continue;
    const ours = message(sent.request, sent.verb);
    assert.equal(ours, sent.differs?.ours ?? lines[index]);
    if (sent.differs) assert.notEqual(ours, lines[index], sent.differs.reason);
    else identical++;
  }
  return identical;
}

/** Each command's messages in hex words, without sequence numbers and the probe that `ip` sends. */
function readGolden(file: string): Map<string, string[]> {
  const text = readFileSync(new URL(`../../golden/${file}`, import.meta.url), 'utf8');
  const commands = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('$ ')) {
      lines = [];
      commands.set(line.slice(2), lines);
    }
    const [, hex] = /^TX\[\d+\] (.*)$/.exec(line) ?? [];
    if (hex !== undefined && !isProbe(hex)) lines.push(normalized(hex));
  }
  return commands;
}

/** The empty RTM_NEWLINK by which `ip` finds out whether the kernel can make links. */
function isProbe(hex: string): boolean {
  return /^20000000 10000500( 00000000){6}$/.test(hex);
}

/** The first message of a line (what lies behind it is unused buffer), its sequence cleared. */
function normalized(hex: string): string {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  return words(bytes.subarray(0, bytes.readUInt32LE(0)).fill(0, 8, 16));
}

function message({ type, flags, body }: Request, verb: number): string {
  const header = new Writer()
    .u32(16 + body.length)
    .u16(type)
    .u16(NLM_F_REQUEST | verb | flags);
  return words(header.zeros(8).raw(body).finish());
}

function words(bytes: Uint8Array): string {
  return (
    Buffer.from(bytes)
      .toString('hex')
      .match(/.{1,8}/g) ?? []
  ).join(' ');
}
