import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { KernelError } from '../errors.ts';
import { addChain } from '../nftables/chain.ts';
import { type Lan, listen, makeLan } from '../nftables/lan.test-support.ts';
import { match } from '../nftables/match.ts';
import { masquerade } from '../nftables/nat.ts';
import { appendRule } from '../nftables/rule.ts';
import { meta } from '../nftables/selector.ts';
import { addTable } from '../nftables/table.ts';
import { commit } from '../nftables/transaction.ts';
import {
  countConntrack,
  deleteConntrack,
  dumpConntrack,
  flushConntrack,
  IPS_SEEN_REPLY,
  IPS_SRC_NAT,
} from './conntrack.ts';
import { deleteConntrackEntries } from './filter.ts';

const POST = { family: 'inet', table: 'nat', chain: 'postrouting' } as const;

/** A router that masquerades one IPv4 flow, answered, one that is not, and one of IPv6. */
async function withFlows(t: Parameters<typeof makeLan>[0]): Promise<Lan> {
  const lan = makeLan(t);
  commit(lan.router.netfilter, [
    addTable(POST),
    addChain({ ...POST, base: { type: 'nat', hook: 'postrouting', priority: 100 } }),
    appendRule(POST, match(meta.oifname, 'wan'), masquerade()),
  ]);
  const client = listen(t, lan.a, '10.0.0.2', 4000);
  const client6 = listen(t, lan.a, 'fd10::2', 4000);
  const peer = listen(t, lan.internet, '203.0.113.10', 5000);
  const silent = listen(t, lan.internet, '203.0.113.20', 5000);
  const peer6 = listen(t, lan.internet, '2001:db8::10', 5000);
  client.send('out', '203.0.113.10', 5000);
  client.send('out', '203.0.113.20', 5000);
  client6.send('out', '2001:db8::10', 5000);
  await Promise.all([peer.next(), silent.next(), peer6.next()]);
  peer.send('back', '203.0.113.1', 4000);
  await client.next();
  return lan;
}

/** The UDP flows that `conntrack -L` lists. */
function witness({ router }: Lan): string[] {
  return ['ipv4', 'ipv6'].flatMap((family) =>
    router
      .run('conntrack', ['-L', '-p', 'udp', '-f', family])
      .split('\n')
      .filter((line) => line.startsWith('udp')),
  );
}

const udpOf = ({ router }: Lan) =>
  router.netfilter.dump(dumpConntrack()).filter(({ original }) => original.protocol === 17);

describe('The connections that the kernel tracks', () => {
  test('are dumped as conntrack lists them', async (t) => {
    const lan = await withFlows(t);
    const entries = udpOf(lan);
    assert.equal(entries.length, 3);
    assert.equal(witness(lan).length, 3);
    for (const { original, reply, status } of entries) {
      const found = witness(lan).find(
        (line) =>
          line.includes(
            `src=${original.source} dst=${original.destination} sport=${original.sourcePort} dport=${original.destinationPort}`,
          ) &&
          line.includes(
            `src=${reply.source} dst=${reply.destination} sport=${reply.sourcePort} dport=${reply.destinationPort}`,
          ),
      );
      assert.ok(found, original.destination);
      assert.equal(found.includes('[UNREPLIED]'), (status & IPS_SEEN_REPLY) === 0);
      assert.ok(status & IPS_SRC_NAT);
    }
    const [answered] = entries.filter(({ status }) => status & IPS_SEEN_REPLY);
    assert.deepEqual(
      [answered?.family, answered?.original, answered?.reply],
      [
        4,
        {
          source: '10.0.0.2',
          destination: '203.0.113.10',
          protocol: 17,
          sourcePort: 4000,
          destinationPort: 5000,
        },
        {
          source: '203.0.113.10',
          destination: '203.0.113.1',
          protocol: 17,
          sourcePort: 5000,
          destinationPort: 4000,
        },
      ],
    );
  });

  test('are counted', async (t) => {
    const lan = await withFlows(t);
    const { netfilter } = lan.router;
    const [count] = netfilter.query(countConntrack());
    assert.equal(count, Number(lan.router.run('conntrack', ['-C'])));
    assert.equal(count, netfilter.dump(dumpConntrack()).length);
  });

  test('are deleted one by one, and by what is wanted of them', async (t) => {
    const lan = await withFlows(t);
    const { netfilter } = lan.router;
    const [silent] = udpOf(lan).filter(({ original }) => original.destination === '203.0.113.20');
    assert.ok(silent);
    netfilter.request(deleteConntrack(silent));
    assert.equal(witness(lan).length, 2);
    assert.throws(
      () => netfilter.request(deleteConntrack(silent)),
      (error) => error instanceof KernelError && error.errnoName === 'ENOENT',
    );
    assert.equal(deleteConntrackEntries(netfilter, { mark: 5 }), 0);
    assert.equal(
      deleteConntrackEntries(netfilter, { family: 6, reply: { destinationPort: 9 } }),
      0,
    );
    const deleted = deleteConntrackEntries(netfilter, {
      zone: 0,
      original: { source: '10.0.0.2', protocol: 17 },
    });
    assert.equal(deleted, 1);
    assert.deepEqual(
      witness(lan).map((line) => line.includes('fd10::2')),
      [true],
    );
  });

  test('are flushed, all or those of one IP version', async (t) => {
    const lan = await withFlows(t);
    const { netfilter } = lan.router;
    netfilter.request(flushConntrack({ family: 6 }));
    assert.equal(witness(lan).length, 2);
    netfilter.request(flushConntrack());
    assert.equal(witness(lan).length, 0);
  });
});
