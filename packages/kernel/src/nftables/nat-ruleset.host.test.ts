import { describe } from 'node:test';
import { addChain } from './chain.ts';
import { match } from './match.ts';
import { dnatTo, dnatToMap, masquerade, redirectTo, snatTo, snatToMap } from './nat.ts';
import { appendRule } from './rule.ts';
import { type Case, compareRulesets } from './ruleset.test-support.ts';
import { ip, ip6, meta, tcp, udp } from './selector.ts';
import { addSet } from './set.ts';
import { updateSet } from './statement.ts';
import { addTable } from './table.ts';

const t4 = { family: 'ip', table: 't' } as const;
const t6 = { family: 'ip6', table: 't' } as const;
const inet = { family: 'inet', table: 't' } as const;
const c6 = { ...t6, chain: 'c' } as const;
const c = { ...inet, chain: 'c' } as const;
const dstnat = { type: 'nat', hook: 'prerouting', priority: -100 } as const;
const srcnat = { type: 'nat', hook: 'postrouting', priority: 100 } as const;

const CASES: Record<string, Case> = {
  'translation of IPv4': {
    nft: `table ip t {
      map byPort { type inet_service : ipv4_addr . inet_service; flags dynamic,timeout; timeout 300s; size 65536; }
      map byClient { type ipv4_addr : ipv4_addr; elements = { 10.0.0.1 : 192.0.2.1, 10.0.0.2 : 192.0.2.2 }; }
      chain pre { type nat hook prerouting priority dstnat
        iifname "wan" meta l4proto udp dnat to udp dport map @byPort
        tcp dport 8080 dnat to 10.0.0.5:80
        udp dport 53 redirect to :5353
        ip daddr 198.51.100.0/24 dnat prefix to 10.0.0.0/24
      }
      chain post { type nat hook postrouting priority srcnat
        oifname "wan" meta l4proto udp update @byPort { udp sport timeout 300s : ip saddr . udp sport }
        oifname "wan" masquerade random
        oifname "wan" masquerade fully-random,persistent
        meta l4proto tcp masquerade to :1024-2047
        snat to 192.0.2.1
        meta l4proto udp snat to 192.0.2.1-192.0.2.9:1000-2000 random,persistent
        snat to ip saddr map @byClient
      }
    }`,
    commands: [
      addTable(t4),
      addChain({ ...t4, chain: 'pre', base: dstnat }),
      addChain({ ...t4, chain: 'post', base: srcnat }),
      addSet({
        ...t4,
        set: 'byPort',
        key: ['inet_service'],
        data: ['ipv4_addr', 'inet_service'],
        dynamic: true,
        timeoutMs: 300_000,
        size: 65536,
      }),
      addSet({
        ...t4,
        set: 'byClient',
        key: ['ipv4_addr'],
        data: ['ipv4_addr'],
        elements: [
          { key: '10.0.0.1', data: '192.0.2.1' },
          { key: '10.0.0.2', data: '192.0.2.2' },
        ],
      }),
      appendRule(
        { ...t4, chain: 'pre' },
        match(meta.iifname, 'wan'),
        match(meta.l4proto, 'udp'),
        dnatToMap({ key: udp.dport, map: 'byPort', withPort: true }),
      ),
      appendRule(
        { ...t4, chain: 'pre' },
        match(tcp.dport, 8080),
        dnatTo({ address: '10.0.0.5', port: 80 }),
      ),
      appendRule({ ...t4, chain: 'pre' }, match(udp.dport, 53), redirectTo({ port: 5353 })),
      appendRule(
        { ...t4, chain: 'pre' },
        match(ip.daddr, '198.51.100.0/24'),
        dnatTo({ address: '10.0.0.0/24' }),
      ),
      appendRule(
        { ...t4, chain: 'post' },
        match(meta.oifname, 'wan'),
        match(meta.l4proto, 'udp'),
        updateSet('byPort', {
          key: udp.sport,
          data: [ip.saddr, udp.sport],
          timeoutMs: 300_000,
        }),
      ),
      appendRule(
        { ...t4, chain: 'post' },
        match(meta.oifname, 'wan'),
        masquerade({ random: true }),
      ),
      appendRule(
        { ...t4, chain: 'post' },
        match(meta.oifname, 'wan'),
        masquerade({ fullyRandom: true, persistent: true }),
      ),
      appendRule(
        { ...t4, chain: 'post' },
        match(meta.l4proto, 'tcp'),
        masquerade({ port: { from: 1024, to: 2047 } }),
      ),
      appendRule({ ...t4, chain: 'post' }, snatTo({ address: '192.0.2.1' })),
      appendRule(
        { ...t4, chain: 'post' },
        match(meta.l4proto, 'udp'),
        snatTo({
          address: { from: '192.0.2.1', to: '192.0.2.9' },
          port: { from: 1000, to: 2000 },
          random: true,
          persistent: true,
        }),
      ),
      appendRule({ ...t4, chain: 'post' }, snatToMap({ key: ip.saddr, map: 'byClient' })),
    ],
  },
  'translation of IPv6': {
    nft: `table ip6 t {
      map m { type inet_service : ipv6_addr . inet_service; flags dynamic,timeout; timeout 10s; size 100; }
      chain c { type nat hook prerouting priority dstnat
        ip6 daddr 2001:db8:0:11::/64 dnat prefix to fd10:0:0:1::/64
        meta l4proto udp dnat to udp dport map @m
        tcp dport 80 dnat to [fd10::1]:8080
      }
    }
    table inet t {
      chain c { type nat hook postrouting priority srcnat
        ip6 saddr fd10:0:0:1::/64 snat ip6 prefix to 2001:db8:0:11::/64
        snat ip to 192.0.2.1
        masquerade
      }
    }`,
    commands: [
      addTable(t6),
      addChain({ ...c6, base: dstnat }),
      addSet({
        ...t6,
        set: 'm',
        key: ['inet_service'],
        data: ['ipv6_addr', 'inet_service'],
        dynamic: true,
        timeoutMs: 10_000,
        size: 100,
      }),
      appendRule(
        c6,
        match(ip6.daddr, '2001:db8:0:11::/64'),
        dnatTo({ address: 'fd10:0:0:1::/64' }),
      ),
      appendRule(
        c6,
        match(meta.l4proto, 'udp'),
        dnatToMap({ key: udp.dport, map: 'm', withPort: true }),
      ),
      appendRule(c6, match(tcp.dport, 80), dnatTo({ address: 'fd10::1', port: 8080 })),
      addTable(inet),
      addChain({ ...c, base: srcnat }),
      appendRule(c, match(ip6.saddr, 'fd10:0:0:1::/64'), snatTo({ address: '2001:db8:0:11::/64' })),
      appendRule(c, snatTo({ address: '192.0.2.1' })),
      appendRule(c, masquerade()),
    ],
  },
};

describe('The kernel has the same translation from us as from nft', () => compareRulesets(CASES));
