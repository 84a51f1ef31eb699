import { describe } from 'node:test';
import { addChain } from './chain.ts';
import { addCtTimeout } from './ct-timeout.ts';
import { duplicateTo, forwardToMap } from './device.ts';
import { inSet, match, notInSet, unless } from './match.ts';
import { reject } from './reject.ts';
import { appendRule, insertRule } from './rule.ts';
import { type Case, compareRulesets } from './ruleset.test-support.ts';
import {
  constant,
  ct,
  ctOriginal,
  ctReply,
  ether,
  fib,
  icmp,
  icmpv6,
  ip,
  ip6,
  mapped,
  meta,
  numgenRandom,
  socket,
  tcp,
  th,
  udp,
} from './selector.ts';
import { addSet } from './set.ts';
import {
  accept,
  addToSet,
  counter,
  deleteFromSet,
  drop,
  goTo,
  jumpTo,
  limitRate,
  notrack,
  returnToCaller,
  setCtTimeout,
  setMark,
  updateSet,
} from './statement.ts';
import { addTable } from './table.ts';
import type { Command } from './transaction.ts';

const t4 = { family: 'ip', table: 't' } as const;
const inet = { family: 'inet', table: 't' } as const;
const netdev = { family: 'netdev', table: 't' } as const;
/** The first interface that a case has beside loopback. */
const V0 = 3;
const LEARNED = { dynamic: true, timeoutMs: 300_000 } as const;
const c4 = { ...t4, chain: 'c' } as const;
const c = { ...inet, chain: 'c' } as const;
const filterBase = { type: 'filter', hook: 'forward', priority: 0 } as const;

const inetFilter = (rules: string[], commands: readonly Command[]): Case => ({
  nft: `table inet t {
    chain c { type filter hook forward priority 0; policy drop
      ${rules.join('\n')}
    }
  }`,
  commands: [
    addTable(inet),
    addChain({ ...c, base: { ...filterBase, policy: 'drop' } }),
    ...commands,
  ],
});

const CASES: Record<string, Case> = {
  'matches of addresses': inetFilter(
    [
      'ip saddr 10.0.0.1 accept',
      'ip daddr != 10.0.0.0/8 accept',
      'ip saddr 10.1.2.0/23 accept',
      'ip saddr 10.0.0.5-10.0.0.9 accept',
      'ip daddr != 10.0.0.5-10.0.0.9 accept',
      'ip6 saddr 2001:db8::/32 accept',
      'ip6 daddr 2001:db8::1 accept',
      'ip6 daddr 2001:db8::/35 accept',
      'ip saddr { 10.0.0.1, 10.0.0.2 } accept',
      'ip saddr != { 10.0.0.0/24, 10.0.2.1-10.0.2.7, 255.255.255.0/24 } accept',
    ],
    [
      appendRule(c, match(ip.saddr, '10.0.0.1'), accept),
      appendRule(c, unless(ip.daddr, '10.0.0.0/8'), accept),
      appendRule(c, match(ip.saddr, '10.1.2.0/23'), accept),
      appendRule(c, match(ip.saddr, { from: '10.0.0.5', to: '10.0.0.9' }), accept),
      appendRule(c, unless(ip.daddr, { from: '10.0.0.5', to: '10.0.0.9' }), accept),
      appendRule(c, match(ip6.saddr, '2001:db8::/32'), accept),
      appendRule(c, match(ip6.daddr, '2001:db8::1'), accept),
      appendRule(c, match(ip6.daddr, '2001:db8::/35'), accept),
      appendRule(c, match(ip.saddr, ['10.0.0.1', '10.0.0.2']), accept),
      appendRule(
        c,
        unless(ip.saddr, ['10.0.0.0/24', { from: '10.0.2.1', to: '10.0.2.7' }, '255.255.255.0/24']),
        accept,
      ),
    ],
  ),
  'matches of protocols and ports': inetFilter(
    [
      'udp dport 53 udp sport 1-1023 accept',
      'tcp dport != 22 accept',
      'tcp sport { 80, 443, 8000-8080 } accept',
      'th dport 53 accept',
      'meta l4proto { tcp, udp } accept',
      'meta l4proto != icmp accept',
      'icmp type echo-request accept',
      'icmpv6 type echo-reply accept',
      'ip protocol udp accept',
      'ip saddr 10.0.0.1 udp dport 53 ip daddr 10.0.0.2 accept',
    ],
    [
      appendRule(c, match(udp.dport, 53), match(udp.sport, { from: 1, to: 1023 }), accept),
      appendRule(c, unless(tcp.dport, 22), accept),
      appendRule(c, match(tcp.sport, [80, 443, { from: 8000, to: 8080 }]), accept),
      appendRule(c, match(th.dport, 53), accept),
      appendRule(c, match(meta.l4proto, ['tcp', 'udp']), accept),
      appendRule(c, unless(meta.l4proto, 'icmp'), accept),
      appendRule(c, match(icmp.type, 'echo-request'), accept),
      appendRule(c, match(icmpv6.type, 'echo-reply'), accept),
      appendRule(c, match(ip.protocol, 'udp'), accept),
      appendRule(
        c,
        match(ip.saddr, '10.0.0.1'),
        match(udp.dport, 53),
        match(ip.daddr, '10.0.0.2'),
        accept,
      ),
    ],
  ),
  'matches of interfaces, marks, connections and chance': inetFilter(
    [
      'iifname "wan" oifname != "lan0" accept',
      'iif lo accept',
      'meta mark 0x12345678 accept',
      'ct state established,related accept',
      'ct state new accept',
      'ct state ! invalid accept',
      'ct status dnat accept',
      'ct direction reply accept',
      'ct mark 7 accept',
      'numgen random mod 100 0-4 drop',
    ],
    [
      appendRule(c, match(meta.iifname, 'wan'), unless(meta.oifname, 'lan0'), accept),
      appendRule(c, match(meta.iif, 1), accept),
      appendRule(c, match(meta.mark, 0x12345678), accept),
      appendRule(c, match(ct.state, ['established', 'related']), accept),
      appendRule(c, match(ct.state, 'new'), accept),
      appendRule(c, unless(ct.state, 'invalid'), accept),
      appendRule(c, match(ct.status, 'dnat'), accept),
      appendRule(c, match(ct.direction, 'reply'), accept),
      appendRule(c, match(ct.mark, 7), accept),
      appendRule(c, match(numgenRandom(100), { from: 0, to: 4 }), drop),
    ],
  ),
  'statements that count, limit, refuse and jump': {
    nft: `table inet t {
      chain d { counter; return; }
      chain c { type filter hook forward priority 0; policy accept
        limit rate 10/second accept
        limit rate over 400/minute burst 20 packets drop
        limit rate 10 kbytes/second accept
        reject
        reject with icmpx admin-prohibited
        meta l4proto tcp reject with tcp reset
        jump d
        goto d
      }
      chain raw { type filter hook prerouting priority raw; notrack; }
    }`,
    commands: [
      addTable(inet),
      addChain({ ...inet, chain: 'd' }),
      addChain({ ...c, base: filterBase }),
      addChain({
        ...inet,
        chain: 'raw',
        base: { type: 'filter', hook: 'prerouting', priority: -300 },
      }),
      appendRule({ ...inet, chain: 'd' }, counter),
      appendRule({ ...inet, chain: 'd' }, returnToCaller),
      appendRule(c, limitRate({ rate: 10, per: 'second' }), accept),
      appendRule(c, limitRate({ rate: 400, per: 'minute', burst: 20, over: true }), drop),
      appendRule(c, limitRate({ rate: 10 * 1024, per: 'second', unit: 'bytes' }), accept),
      appendRule(c, reject()),
      appendRule(c, reject('admin-prohibited')),
      appendRule(c, reject('tcp reset')),
      appendRule(c, jumpTo('d')),
      appendRule(c, goTo('d')),
      appendRule({ ...inet, chain: 'raw' }, notrack),
    ],
  },
  'matches of the tuples of connections': {
    nft: `table ip t {
      set s { type ipv4_addr . ipv4_addr; flags dynamic,timeout; timeout 30s; size 9; }
      chain c { type filter hook forward priority 0
        ct original ip saddr 10.0.0.1 ct reply ip daddr 192.0.2.1 accept
        meta l4proto tcp ct original proto-src 1024-65535 ct original proto-dst 80 accept
        update @s { ct reply ip saddr . ct original ip daddr timeout 5s }
        meta l4proto udp ct reply proto-dst 53 accept
        ct expiration 0s-120s accept
      }
      chain d { type filter hook input priority 0
        socket transparent 0 accept
      }
    }`,
    commands: [
      addTable(t4),
      addSet({
        ...t4,
        set: 's',
        key: ['ipv4_addr', 'ipv4_addr'],
        dynamic: true,
        timeoutMs: 30_000,
        size: 9,
      }),
      addChain({ ...c4, base: filterBase }),
      appendRule(
        c4,
        match(ctOriginal.saddr, '10.0.0.1'),
        match(ctReply.daddr, '192.0.2.1'),
        accept,
      ),
      appendRule(
        c4,
        match(meta.l4proto, 'tcp'),
        match(ctOriginal.protoSrc, { from: 1024, to: 65_535 }),
        match(ctOriginal.protoDst, 80),
        accept,
      ),
      appendRule(
        c4,
        updateSet('s', {
          key: [ctReply.saddr, ctOriginal.daddr],
          timeoutMs: 5000,
        }),
      ),
      appendRule(c4, match(meta.l4proto, 'udp'), match(ctReply.protoDst, 53), accept),
      appendRule(c4, match(ct.expiration, { from: 0, to: 120_000 }), accept),
      addChain({ ...t4, chain: 'd', base: { type: 'filter', hook: 'input', priority: 0 } }),
      appendRule({ ...t4, chain: 'd' }, match(socket.transparent, 0), accept),
    ],
  },
  'sets, maps, concatenations, intervals and timeouts of connections': {
    nft: `table ip t {
      ct timeout short {
        protocol udp
        l3proto ip
        policy = { unreplied : 2, replied : 3 }
      }
      set clients { type ipv4_addr; elements = { 10.0.0.1, 10.0.0.2 }; }
      set nets { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.168.0.1-192.168.0.7 }; }
      set services { type ipv4_addr . inet_service; flags interval; elements = { 10.0.0.0/8 . 80-90 }; }
      set seen { type ipv4_addr . ipv4_addr . inet_service; flags dynamic,timeout; timeout 10s; size 1000; }
      set timed { type inet_service; flags timeout; }
      chain c { type filter hook prerouting priority -150
        ct timeout set "short"
        ip saddr @clients accept
        ip saddr != @nets accept
        ip daddr . udp dport @services accept
        update @seen { ip saddr . ip daddr . udp sport }
        add @seen { ip saddr . ip daddr . udp dport timeout 5s }
        fib daddr type local accept
      }
    }`,
    commands: [
      addTable(t4),
      addCtTimeout({
        ...t4,
        ctTimeout: 'short',
        l3: 4,
        protocol: 'udp',
        policy: { unreplied: 2, replied: 3 },
      }),
      addSet({
        ...t4,
        set: 'clients',
        key: ['ipv4_addr'],
        elements: [{ key: '10.0.0.1' }, { key: '10.0.0.2' }],
      }),
      addSet({
        ...t4,
        set: 'nets',
        key: ['ipv4_addr'],
        interval: true,
        elements: [{ key: '10.0.0.0/8' }, { key: { from: '192.168.0.1', to: '192.168.0.7' } }],
      }),
      addSet({
        ...t4,
        set: 'services',
        key: ['ipv4_addr', 'inet_service'],
        interval: true,
        elements: [{ key: ['10.0.0.0/8', { from: 80, to: 90 }] }],
      }),
      addSet({
        ...t4,
        set: 'seen',
        key: ['ipv4_addr', 'ipv4_addr', 'inet_service'],
        dynamic: true,
        timeoutMs: 10_000,
        size: 1000,
      }),
      addSet({ ...t4, set: 'timed', key: ['inet_service'], timeout: true }),
      addChain({ ...c4, base: { type: 'filter', hook: 'prerouting', priority: -150 } }),
      appendRule(c4, setCtTimeout('short')),
      appendRule(c4, inSet(ip.saddr, 'clients'), accept),
      appendRule(c4, notInSet(ip.saddr, 'nets'), accept),
      appendRule(c4, inSet([ip.daddr, udp.dport], 'services'), accept),
      appendRule(c4, updateSet('seen', { key: [ip.saddr, ip.daddr, udp.sport] })),
      appendRule(c4, addToSet('seen', { key: [ip.saddr, ip.daddr, udp.dport], timeoutMs: 5000 })),
      appendRule(c4, match(fib.daddrType, 'local'), accept),
    ],
  },
  'rules at the head of a chain, and chains of devices': {
    nft: `table netdev t {
      chain c { type filter hook ingress devices = { v0, v1 } priority 0
        udp dport 5 ip saddr 1.2.3.4 drop
        ip6 saddr 2001:db8::1 drop
      }
      chain one { type filter hook ingress device v0 priority 5; }
    }`,
    commands: [
      addTable(netdev),
      addChain({
        ...netdev,
        chain: 'c',
        base: { type: 'filter', hook: 'ingress', priority: 0, devices: ['v0', 'v1'] },
      }),
      addChain({
        ...netdev,
        chain: 'one',
        base: { type: 'filter', hook: 'ingress', priority: 5, devices: ['v0'] },
      }),
      appendRule({ ...netdev, chain: 'c' }, match(ip6.saddr, '2001:db8::1'), drop),
      insertRule({ ...netdev, chain: 'c' }, match(udp.dport, 5), match(ip.saddr, '1.2.3.4'), drop),
    ],
  },
  'a switch of Ethernet frames': {
    nft: `table netdev t {
      map stations { type ether_addr : iface_index; elements = { 02:00:00:00:00:01 : "v0" } }
      map learned { type ether_addr : iface_index; flags dynamic,timeout; timeout 5m; }
      set places { type ether_addr . iface_index; flags dynamic,timeout; timeout 5m; }
      map marks { type ether_addr : mark; }
      chain others { iif != "v0" dup to "v0"; ether saddr 02:00:00:00:00:02 drop; }
      chain c { type filter hook ingress device v0 priority 0; policy drop
        ether saddr . iif @places drop
        meta mark set ether saddr map @marks
        meta mark set 0
        delete @learned { ether saddr : iif }
        add @learned { ether saddr : iif }
        add @places { ether saddr . iif }
        fwd to ether daddr map @stations
        goto others
      }
    }`,
    commands: [
      addTable(netdev),
      addSet({
        ...netdev,
        set: 'stations',
        key: ['ether_addr'],
        data: ['ifindex'],
        elements: [{ key: '02:00:00:00:00:01', data: V0 }],
      }),
      addSet({ ...netdev, set: 'learned', ...LEARNED, data: ['ifindex'], key: ['ether_addr'] }),
      addSet({ ...netdev, set: 'places', ...LEARNED, key: ['ether_addr', 'ifindex'] }),
      addSet({ ...netdev, set: 'marks', key: ['ether_addr'], data: ['mark'] }),
      addChain({ ...netdev, chain: 'others' }),
      addChain({
        ...netdev,
        chain: 'c',
        base: { type: 'filter', hook: 'ingress', priority: 0, policy: 'drop', devices: ['v0'] },
      }),
      appendRule({ ...netdev, chain: 'others' }, unless(meta.iif, V0), duplicateTo(V0)),
      appendRule({ ...netdev, chain: 'others' }, match(ether.saddr, '02:00:00:00:00:02'), drop),
      appendRule({ ...netdev, chain: 'c' }, inSet([ether.saddr, meta.iif], 'places'), drop),
      ...[mapped(ether.saddr, 'marks', 'mark'), constant('mark', 0)].map((mark) =>
        appendRule({ ...netdev, chain: 'c' }, setMark(mark)),
      ),
      ...[deleteFromSet, addToSet].map((change) =>
        appendRule(
          { ...netdev, chain: 'c' },
          change('learned', { key: ether.saddr, data: meta.iif }),
        ),
      ),
      appendRule({ ...netdev, chain: 'c' }, addToSet('places', { key: [ether.saddr, meta.iif] })),
      appendRule({ ...netdev, chain: 'c' }, forwardToMap(ether.daddr, 'stations')),
      appendRule({ ...netdev, chain: 'c' }, goTo('others')),
    ],
  },
};

describe('The kernel has the same ruleset from us as from nft', () => compareRulesets(CASES));
