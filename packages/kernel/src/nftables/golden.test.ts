import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { NFGENMSG_LENGTH } from '../netfilter/nfgenmsg.ts';
import { NLM_F_REQUEST, type Request } from '../netlink/request.ts';
import { addChain } from './chain.ts';
import { match } from './match.ts';
import { dnatTo, masquerade, redirectTo, snatTo } from './nat.ts';
import { reject } from './reject.ts';
import { appendRule } from './rule.ts';
import { ct, ip, ip6, meta, tcp, udp } from './selector.ts';
import { accept, counter, drop, limitRate } from './statement.ts';
import { addTable } from './table.ts';
import { type Command, encodeTransaction } from './transaction.ts';

const nat = { family: 'ip', table: 'nat' } as const;
const filter = { family: 'ip', table: 'filter' } as const;
const fw = { family: 'inet', table: 'fw', chain: 'forward' } as const;
const nat6 = { family: 'ip6', table: 'nat' } as const;
const m = { family: 'ip6', table: 'm' } as const;

const prerouting = { type: 'nat', hook: 'prerouting', priority: -100 } as const;
const postrouting = { type: 'nat', hook: 'postrouting', priority: 100 } as const;
const forward = { type: 'filter', hook: 'forward', priority: 0 } as const;
const PRE = { ...nat, chain: 'prerouting' } as const;
const POST = { ...nat, chain: 'postrouting' } as const;
const FORWARD = { ...filter, chain: 'forward' } as const;
const fromWan = match(meta.oif, 3);

/** What each section of the dump was made by: `nft -f` with these rules, in nft's own words. */
const RULESETS: Record<string, readonly Command[]> = {
  EDM: [
    addTable(nat),
    addChain({ ...PRE, base: prerouting }),
    addChain({ ...POST, base: postrouting }),
    // ip daddr 198.51.100.7 redirect
    appendRule(PRE, match(ip.daddr, '198.51.100.7'), redirectTo()),
    // tcp dport 8080 dnat to 10.0.0.5:80
    appendRule(PRE, match(tcp.dport, 8080), dnatTo({ address: '10.0.0.5', port: 80 })),
    // ct status dnat masquerade
    appendRule(POST, match(ct.status, 'dnat'), masquerade()),
    // oif 3 masquerade random
    appendRule(POST, fromWan, masquerade({ random: true })),
    // oif 3 masquerade fully-random,persistent
    appendRule(POST, fromWan, masquerade({ fullyRandom: true, persistent: true })),
    // oif 3 meta l4proto udp masquerade to :1024-65535
    appendRule(
      POST,
      fromWan,
      match(meta.l4proto, 'udp'),
      masquerade({ port: { from: 1024, to: 65535 } }),
    ),
    // oif 3 ip saddr 192.0.2.64 snat to 198.51.100.7-198.51.100.9 random,persistent
    appendRule(
      POST,
      fromWan,
      match(ip.saddr, '192.0.2.64'),
      snatTo({
        address: { from: '198.51.100.7', to: '198.51.100.9' },
        random: true,
        persistent: true,
      }),
    ),
    addTable(filter),
    addChain({ ...FORWARD, base: forward }),
    // iif 3 ct state established,related accept
    appendRule(FORWARD, match(meta.iif, 3), match(ct.state, ['established', 'related']), accept),
    // iif 3 drop
    appendRule(FORWARD, match(meta.iif, 3), drop),
  ],
  FW: [
    addTable(fw),
    addChain({ ...fw, base: { ...forward, priority: 10 } }),
    // ct state established,related accept
    appendRule(fw, match(ct.state, ['established', 'related']), accept),
    // iif 3 drop
    appendRule(fw, match(meta.iif, 3), drop),
    // tcp dport { 80, 443 } accept
    appendRule(fw, match(tcp.dport, [80, 443]), accept),
    // meta l4proto tcp drop
    appendRule(fw, match(meta.l4proto, 'tcp'), drop),
    // udp dport 53 counter accept
    appendRule(fw, match(udp.dport, 53), counter, accept),
    // meta l4proto udp reject
    appendRule(fw, match(meta.l4proto, 'udp'), reject()),
    // iifname "wan" ct state new drop
    appendRule(fw, match(meta.iifname, 'wan'), match(ct.state, 'new'), drop),
    // ip daddr 10.0.0.0/8 accept
    appendRule(fw, match(ip.daddr, '10.0.0.0/8'), accept),
    // ip daddr 10.0.0.0/9 accept
    appendRule(fw, match(ip.daddr, '10.0.0.0/9'), accept),
    // ip6 saddr fd00:1::/64 accept
    appendRule(fw, match(ip6.saddr, 'fd00:1::/64'), accept),
    // tcp dport 1000-2000 accept
    appendRule(fw, match(tcp.dport, { from: 1000, to: 2000 }), accept),
    // limit rate 10/second accept
    appendRule(fw, limitRate({ rate: 10, per: 'second' }), accept),
  ],
  NPTV6: [
    addTable(nat6),
    addChain({ ...nat6, chain: 'postrouting', base: postrouting }),
    addChain({ ...nat6, chain: 'prerouting', base: prerouting }),
    // oif 3 ip6 saddr fd10:0:0:1::/64 snat prefix to 2001:db8:0:11::/64
    appendRule(
      { ...nat6, chain: 'postrouting' },
      fromWan,
      match(ip6.saddr, 'fd10:0:0:1::/64'),
      snatTo({ address: '2001:db8:0:11::/64' }),
    ),
    // iif 3 ip6 daddr 2001:db8:0:11::/64 dnat prefix to fd10:0:0:1::/64
    appendRule(
      { ...nat6, chain: 'prerouting' },
      match(meta.iif, 3),
      match(ip6.daddr, '2001:db8:0:11::/64'),
      dnatTo({ address: 'fd10:0:0:1::/64' }),
    ),
    addTable(m),
    addChain({ ...m, chain: 'postrouting', base: postrouting }),
    addChain({ ...m, chain: 'forward', base: forward }),
    // oif 3 masquerade
    appendRule({ ...m, chain: 'postrouting' }, fromWan, masquerade()),
    // meta l4proto ipv6-icmp accept
    appendRule({ ...m, chain: 'forward' }, match(meta.l4proto, 'ipv6-icmp'), accept),
  ],
};

/**
 * Messages that differ on purpose. nft sends userdata with a set, for its own printing; and it looks at
 * an ICMP type and code at once, where we look at one after the other.
 */
const NFTA_SET_USERDATA = 13;
const MERGED_ICMP_RULE = { section: 'EDM', index: 14 };

const NLA_F_NESTED = 0x8000;
const dump = readFileSync(new URL('../../golden/nft_dump.txt', import.meta.url), 'utf8');

/** The messages of a section, each as the lines that describe it. */
function goldenMessages(section: string): string[] {
  const [, text = ''] = new RegExp(`^### ${section}\\n([^#]*)`, 'm').exec(dump) ?? [];
  const messages = text.split(/^(?=MSG |BATCH_)/m).filter((block) => block.startsWith('MSG '));
  return messages
    .map((block) =>
      block
        .split('\n')
        .filter((line) => /^(MSG|\s*\[)/.test(line) && !line.startsWith(`  [${NFTA_SET_USERDATA}]`))
        .map((line) => line.replace(/^(MSG \w+ .*?) seq.*? fam=(\d+).*$/, '$1 fam=$2'))
        .map((line) => line.replace(/ ".*"$/, '').replace(/^(MSG) \w+/, '$1'))
        .join('\n'),
    )
    .filter((_, index) => section !== MERGED_ICMP_RULE.section || index !== MERGED_ICMP_RULE.index);
}

/** Our message in the same words. */
function describeRequest({ type, flags, body }: Request): string {
  const hex = (value: number) => `0x${value.toString(16).padStart(4, '0')}`;
  const header = `MSG type=${hex(type)} flags=${hex(flags | NLM_F_REQUEST)} fam=${body[0]}`;
  return [header, ...describeAttributes(body.subarray(NFGENMSG_LENGTH), '  ')].join('\n');
}

function describeAttributes(bytes: Uint8Array, indent: string): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = view.getUint16(at, true);
    const rawType = view.getUint16(at + 2, true);
    const payload = bytes.subarray(at + 4, at + length);
    if (rawType & NLA_F_NESTED) {
      lines.push(`${indent}[${rawType & ~NLA_F_NESTED}N] len=${length}`);
      lines.push(...describeAttributes(payload, `${indent}  `));
    } else lines.push(`${indent}[${rawType}] ${Buffer.from(payload).toString('hex')}`);
    at += (length + 3) & ~3;
  }
  return lines;
}

describe('What nft sends for a ruleset', () => {
  for (const [section, commands] of Object.entries(RULESETS)) {
    test(`we send for ${section}, byte by byte`, () => {
      const requests = encodeTransaction(commands).slice(1, -1);
      assert.deepEqual(requests.map(describeRequest), goldenMessages(section));
    });
  }

  test('begins and ends with the messages of a transaction', () => {
    const [begin, end, ...others] = encodeTransaction([]);
    assert.deepEqual(others, []);
    assert.deepEqual([begin?.type, begin?.flags, begin?.body.join()], [16, 0, '0,0,0,10']);
    assert.deepEqual([end?.type, end?.flags, end?.body.join()], [17, 0, '0,0,0,10']);
  });
});
