import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { dumpConntrack, flushConntrack } from '../conntrack/conntrack.ts';
import { addChain } from './chain.ts';
import { addCtTimeout } from './ct-timeout.ts';
import { type Element, flushSet, listElements } from './element.ts';
import { type Lan, listen, makeLan } from './lan.test-support.ts';
import { inSet, match, notInSet, unless } from './match.ts';
import { dnatTo, dnatToMap, masquerade, snatTo, snatToMap } from './nat.ts';
import { drawPort } from './random-port.ts';
import { appendRule } from './rule.ts';
import { constant, ct, ip, ip6, meta, udp } from './selector.ts';
import { addSet, type NewSet } from './set.ts';
import { accept, addToSet, counter, drop, setCtTimeout, updateSet } from './statement.ts';
import { addTable, deleteTable } from './table.ts';
import { type Command, commit } from './transaction.ts';

const nat = { family: 'ip', table: 'nat' } as const;
const nat6 = { family: 'ip6', table: 'nat' } as const;
const PRE = { ...nat, chain: 'prerouting' } as const;
const POST = { ...nat, chain: 'postrouting' } as const;
const FORWARD = { ...nat, chain: 'forward' } as const;
const dstnat = { type: 'nat', hook: 'prerouting', priority: -100 } as const;
const srcnat = { type: 'nat', hook: 'postrouting', priority: 100 } as const;
const filter = { type: 'filter', hook: 'forward', priority: 0 } as const;
const WAN = '203.0.113.1';
const HOST_1 = '203.0.113.10';
const HOST_2 = '203.0.113.20';
const fromWan = match(meta.iifname, 'wan');
const toWan = match(meta.oifname, 'wan');

const chains = [
  addTable(nat),
  addChain({ ...PRE, base: dstnat }),
  addChain({ ...POST, base: srcnat }),
  addChain({ ...FORWARD, base: filter }),
];

/** Which client a port of the router's belongs to, whoever sends to it. */
const mapping: NewSet = {
  ...nat,
  set: 'mapping',
  key: ['inet_service'],
  data: ['ipv4_addr', 'inet_service'],
  dynamic: true,
  timeoutMs: 300_000,
  size: 65_536,
};

/** Endpoint-independent mapping: whatever the destination, a client's port stays the same outside. */
const endpointIndependentMapping: readonly Command[] = [
  ...chains,
  addSet(mapping),
  appendRule(
    POST,
    toWan,
    match(meta.l4proto, 'udp'),
    updateSet('mapping', { key: udp.sport, data: [ip.saddr, udp.sport] }),
  ),
  appendRule(POST, toWan, masquerade()),
  appendRule(
    PRE,
    fromWan,
    match(meta.l4proto, 'udp'),
    dnatToMap({ key: udp.dport, map: 'mapping', withPort: true }),
  ),
];

/** Lets in only what comes from an address, or an address and a port, that the client sent to. */
function filtering(selectors: 'address' | 'address and port'): readonly Command[] {
  const withPort = selectors === 'address and port';
  const peers: NewSet = {
    ...nat,
    set: 'peers',
    key: [
      'ipv4_addr',
      'inet_service',
      'ipv4_addr',
      ...(withPort ? (['inet_service'] as const) : []),
    ],
    dynamic: true,
    timeoutMs: 300_000,
    size: 65_536,
  };
  const outside = withPort ? [ip.daddr, udp.dport] : [ip.daddr];
  const inside = withPort ? [ip.saddr, udp.sport] : [ip.saddr];
  return [
    addSet(peers),
    appendRule(FORWARD, toWan, updateSet('peers', { key: [ip.saddr, udp.sport, ...outside] })),
    appendRule(FORWARD, fromWan, inSet([ip.daddr, udp.dport, ...inside], 'peers'), accept),
    appendRule(FORWARD, fromWan, drop),
  ];
}

/** A client behind the NAT that has sent to port 5000 of the first host of the internet. */
async function openMapping(t: TestContext, lan: Lan) {
  const client = listen(t, lan.a, '10.0.0.2', 4000);
  const peer = listen(t, lan.internet, HOST_1, 5000);
  client.send('out', HOST_1, 5000);
  assert.deepEqual(await peer.next(), { from: `${WAN}:4000`, text: 'out' });
  return {
    client,
    peer,
    /** The same host, another port. */
    otherPort: listen(t, lan.internet, HOST_1, 5001),
    /** Another host. */
    otherHost: listen(t, lan.internet, HOST_2, 5000),
  };
}

describe('Masquerade', () => {
  test('hides the client behind the router, and answers find their way', async (t) => {
    const lan = makeLan(t);
    commit(lan.router.netfilter, [...chains, appendRule(POST, toWan, masquerade())]);
    const { client, peer } = await openMapping(t, lan);
    peer.send('back', WAN, 4000);
    assert.deepEqual(await client.next(), { from: `${HOST_1}:5000`, text: 'back' });
  });

  test('keeps ports where they are free, and takes others where they are not', async (t) => {
    const lan = makeLan(t);
    commit(lan.router.netfilter, [...chains, appendRule(POST, toWan, masquerade())]);
    const { peer } = await openMapping(t, lan);
    const second = listen(t, lan.b, '10.0.1.2', 4000);
    second.send('too', HOST_1, 5000);
    const { from, text } = await peer.next();
    assert.equal(text, 'too');
    assert.notEqual(from, `${WAN}:4000`);
    assert.ok(from.startsWith(`${WAN}:`));
  });

  for (const flags of [{ random: true }, { fullyRandom: true }]) {
    test(`takes ports by chance with ${Object.keys(flags)}`, async (t) => {
      const lan = makeLan(t);
      commit(lan.router.netfilter, [...chains, appendRule(POST, toWan, masquerade(flags))]);
      const peer = listen(t, lan.internet, HOST_1, 5000);
      const seen = new Set<string>();
      for (let port = 4000; port < 4008; port++) {
        const client = listen(t, lan.a, '10.0.0.2', port);
        client.send('out', HOST_1, 5000);
        const { from } = await peer.next();
        if (from !== `${WAN}:${port}`) seen.add(from);
      }
      // That one of eight keeps its port by chance is less likely than 1 in 5000.
      assert.ok(seen.size >= 7, `${seen.size} of 8 ports changed`);
    });
  }

  test('takes ports of a range', async (t) => {
    const lan = makeLan(t);
    const port = { from: 30_000, to: 30_003 };
    commit(lan.router.netfilter, [
      ...chains,
      appendRule(POST, toWan, match(meta.l4proto, 'udp'), masquerade({ port })),
    ]);
    const peer = listen(t, lan.internet, HOST_1, 5000);
    const client = listen(t, lan.a, '10.0.0.2', 4000);
    client.send('out', HOST_1, 5000);
    assert.match((await peer.next()).from, /^203\.0\.113\.1:3000[0-3]$/);
  });
});

describe('Endpoint-independent mapping', () => {
  test('shows every peer the same port, and lets any peer in', async (t) => {
    const lan = makeLan(t);
    commit(lan.router.netfilter, endpointIndependentMapping);
    const { client, otherHost, otherPort } = await openMapping(t, lan);
    client.send('out', HOST_2, 5000);
    assert.deepEqual(await otherHost.next(), { from: `${WAN}:4000`, text: 'out' });
    otherPort.send('unasked', WAN, 4000);
    assert.deepEqual(await client.next(), { from: `${HOST_1}:5001`, text: 'unasked' });
    const [entry] = lan.router.netfilter.dump(listElements(mapping)).flat();
    assert.deepEqual([entry?.key, entry?.data], [[4000], ['10.0.0.2', 4000]]);
  });

  test('lets in a host that the client never sent to', async (t) => {
    const lan = makeLan(t);
    commit(lan.router.netfilter, endpointIndependentMapping);
    const { client, otherHost } = await openMapping(t, lan);
    otherHost.send('unasked', WAN, 4000);
    assert.deepEqual(await client.next(), { from: `${HOST_2}:5000`, text: 'unasked' });
  });

  test('with address-dependent filtering lets in any port of a host that was sent to', async (t) => {
    const lan = makeLan(t);
    commit(lan.router.netfilter, [...endpointIndependentMapping, ...filtering('address')]);
    const { client, otherHost, otherPort } = await openMapping(t, lan);
    otherHost.send('dropped', WAN, 4000);
    otherPort.send('let in', WAN, 4000);
    assert.deepEqual(await client.next(), { from: `${HOST_1}:5001`, text: 'let in' });
  });

  test('with address-and-port-dependent filtering lets in only what was sent to', async (t) => {
    const lan = makeLan(t);
    commit(lan.router.netfilter, [...endpointIndependentMapping, ...filtering('address and port')]);
    const { client, peer, otherHost, otherPort } = await openMapping(t, lan);
    otherHost.send('dropped', WAN, 4000);
    otherPort.send('dropped', WAN, 4000);
    peer.send('let in', WAN, 4000);
    assert.deepEqual(await client.next(), { from: `${HOST_1}:5000`, text: 'let in' });
  });

  test('is forgotten with the set and the connections', async (t) => {
    const lan = makeLan(t);
    commit(lan.router.netfilter, endpointIndependentMapping);
    const { client, otherHost, peer } = await openMapping(t, lan);
    commit(lan.router.netfilter, [flushSet(mapping)]);
    lan.router.netfilter.request(flushConntrack());
    otherHost.send('dropped', WAN, 4000);
    client.send('again', HOST_1, 5000);
    assert.equal((await peer.next()).text, 'again');
    peer.send('let in', WAN, 4000);
    assert.equal((await client.next()).text, 'let in');
  });
});

describe('Hairpin', () => {
  test('two clients meet by the address of the router', async (t) => {
    const lan = makeLan(t);
    const { router } = lan;
    commit(router.netfilter, [
      ...chains,
      appendRule(
        PRE,
        match(ip.daddr, WAN),
        match(udp.dport, 6000),
        dnatTo({ address: '10.0.1.2', port: 4000 }),
      ),
      appendRule(POST, toWan, masquerade()),
      appendRule(POST, match(ct.status, 'dnat'), snatTo({ address: WAN })),
    ]);
    const a = listen(t, lan.a, '10.0.0.2', 4000);
    const b = listen(t, lan.b, '10.0.1.2', 4000);
    a.send('hello', WAN, 6000);
    const { from, text } = await b.next();
    assert.deepEqual([from, text], [`${WAN}:4000`, 'hello']);
    b.send('back', WAN, 4000);
    assert.deepEqual(await a.next(), { from: `${WAN}:6000`, text: 'back' });
  });
});

describe('Timeouts', () => {
  test('of a ct timeout object are those of the connections that a rule gives them to', async (t) => {
    const lan = makeLan(t);
    const short = { ...nat, ctTimeout: 'short' };
    const raw = { ...nat, chain: 'timeouts' } as const;
    commit(lan.router.netfilter, [
      ...chains,
      addCtTimeout({ ...short, l3: 4, protocol: 'udp', policy: { unreplied: 7, replied: 9 } }),
      addChain({ ...raw, base: { type: 'filter', hook: 'prerouting', priority: -150 } }),
      appendRule(raw, match(udp.dport, 5000), setCtTimeout('short')),
      appendRule(POST, toWan, masquerade()),
    ]);
    const { client, otherPort } = await openMapping(t, lan);
    client.send('out', HOST_1, 5001);
    await otherPort.next();
    const timeout = (port: number) =>
      lan.router.netfilter
        .dump(dumpConntrack())
        .find(({ original }) => original.destinationPort === port)?.timeoutS;
    assert.ok((timeout(5000) ?? 99) <= 7);
    assert.ok((timeout(5001) ?? 0) > 20);
  });

  test('end the connection, and with it what the router lets in', async (t) => {
    const lan = makeLan(t);
    const raw = { ...nat, chain: 'timeouts' } as const;
    const policy = { unreplied: 2, replied: 2 };
    commit(lan.router.netfilter, [
      ...chains,
      addCtTimeout({ ...nat, ctTimeout: 'short', l3: 4, protocol: 'udp', policy }),
      addChain({ ...raw, base: { type: 'filter', hook: 'prerouting', priority: -150 } }),
      appendRule(raw, match(udp.dport, 5000), setCtTimeout('short')),
      appendRule(POST, toWan, masquerade()),
    ]);
    const { client, otherPort } = await openMapping(t, lan);
    client.send('out', HOST_1, 5001);
    await otherPort.next();
    const ports = () =>
      lan.router.netfilter
        .dump(dumpConntrack({ family: 4 }))
        .map(({ original }) => original.destinationPort);
    assert.deepEqual(ports().toSorted(), [5000, 5001]);
    const deadline = Date.now() + 10_000;
    while (ports().includes(5000)) {
      assert.ok(Date.now() < deadline, 'the connection does not end');
      await delay(50);
    }
    assert.deepEqual(ports(), [5001]);
  });
});

describe('IPv6', () => {
  test('prefixes are translated in both directions', async (t) => {
    const lan = makeLan(t);
    const pre = { ...nat6, chain: 'prerouting' } as const;
    const post = { ...nat6, chain: 'postrouting' } as const;
    commit(lan.router.netfilter, [
      addTable(nat6),
      addChain({ ...pre, base: dstnat }),
      addChain({ ...post, base: srcnat }),
      appendRule(
        post,
        toWan,
        match(ip6.saddr, 'fd10:0:0:1::/64'),
        snatTo({ address: '2001:db8:0:11::/64' }),
      ),
      appendRule(
        pre,
        fromWan,
        match(ip6.daddr, '2001:db8:0:11::/64'),
        dnatTo({ address: 'fd10:0:0:1::/64' }),
      ),
    ]);
    const client = listen(t, lan.b, 'fd10:0:0:1::2', 4000);
    const peer = listen(t, lan.internet, '2001:db8::10', 5000);
    const stranger = listen(t, lan.internet, '2001:db8::10', 5001);
    client.send('out', '2001:db8::10', 5000);
    assert.deepEqual(await peer.next(), { from: '2001:db8:0:11::2:4000', text: 'out' });
    stranger.send('in', '2001:db8:0:11::2', 4000);
    assert.deepEqual(await client.next(), { from: '2001:db8::10:5001', text: 'in' });
  });

  test('masquerade hides the client', async (t) => {
    const lan = makeLan(t);
    const post = { family: 'inet', table: 'nat', chain: 'postrouting' } as const;
    commit(lan.router.netfilter, [
      addTable(post),
      addChain({ ...post, base: srcnat }),
      appendRule(post, toWan, masquerade()),
    ]);
    const client = listen(t, lan.a, 'fd10::2', 4000);
    const peer = listen(t, lan.internet, '2001:db8::10', 5000);
    client.send('out', '2001:db8::10', 5000);
    assert.deepEqual(await peer.next(), { from: '2001:db8::1:4000', text: 'out' });
  });
});

test('A port that is drawn once is the same in every set and in the translation', async (t) => {
  const lan = makeLan(t);
  const { draw, port } = drawPort(30_000, 39_999);
  const client = { key: [ip.saddr, udp.sport], data: [constant('ipv4_addr', WAN), port] } as const;
  const drawn = { ...mapping, set: 'drawn', key: ['ipv4_addr', 'inet_service'] } as const;
  commit(lan.router.netfilter, [
    ...chains,
    addSet({ ...mapping, set: 'taken', data: undefined }),
    addSet(mapping),
    addSet(drawn),
    appendRule(
      POST,
      toWan,
      match(meta.l4proto, 'udp'),
      draw,
      notInSet(port, 'taken'),
      addToSet('taken', { key: port }),
      addToSet('mapping', { key: port, data: [ip.saddr, udp.sport] }),
      addToSet('drawn', client),
      snatToMap({ key: client.key, map: 'drawn', withPort: true }),
    ),
  ]);
  const peer = listen(t, lan.internet, HOST_1, 5000);
  listen(t, lan.a, '10.0.0.2', 4000).send('out', HOST_1, 5000);
  const [, seen] = (await peer.next()).from.split(':');
  assert.match(seen ?? '', /^3\d{4}$/);
  const [[byPort], [byClient]] = [mapping, drawn].map((set) =>
    lan.router.netfilter.dump(listElements(set)).flat(),
  ) as [Element[], Element[]];
  assert.deepEqual([byPort?.key, byPort?.data], [[Number(seen)], ['10.0.0.2', 4000]]);
  assert.deepEqual(
    [byClient?.key, byClient?.data],
    [
      ['10.0.0.2', 4000],
      [WAN, Number(seen)],
    ],
  );
});

test('A firewall lets answers in and nothing else, until its table is deleted', async (t) => {
  const lan = makeLan(t);
  const fw = { family: 'inet', table: 'fw', chain: 'forward' } as const;
  commit(lan.router.netfilter, [
    ...chains,
    appendRule(POST, toWan, masquerade()),
    appendRule(PRE, fromWan, match(udp.dport, 4000), dnatTo({ address: '10.0.0.2' })),
    addTable(fw),
    addChain({ ...fw, base: filter }),
    appendRule(fw, match(ct.state, ['established', 'related']), accept),
    appendRule(fw, unless(meta.iifname, 'wan'), accept),
    appendRule(fw, counter, drop),
  ]);
  const { client, peer, otherHost } = await openMapping(t, lan);
  otherHost.send('dropped', WAN, 4000);
  peer.send('answer', WAN, 4000);
  assert.equal((await client.next()).text, 'answer');
  commit(lan.router.netfilter, [deleteTable(fw)]);
  otherHost.send('let in', WAN, 4000);
  assert.equal((await client.next()).text, 'let in');
});
