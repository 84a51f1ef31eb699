import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addVeth } from '../route/link-create.ts';
import { addChain, deleteChain, flushChain, listChains } from './chain.ts';
import { addCtTimeout, deleteCtTimeout, listCtTimeouts } from './ct-timeout.ts';
import { addElements, deleteElements, flushSet, listElements } from './element.ts';
import type { Expression } from './expression.ts';
import { inSet, match, unless } from './match.ts';
import { dnatToMap, masquerade, snatTo } from './nat.ts';
import { reject } from './reject.ts';
import { appendRule, deleteRule, listRules } from './rule.ts';
import { RuleDraft, type Statement } from './rule-draft.ts';
import { ct, fib, ip, ip6, meta, numgenRandom, tcp, udp } from './selector.ts';
import { addSet, deleteSet, listSets, type NewSet } from './set.ts';
import { accept, counter, drop, jumpTo, limitRate, setCtTimeout, updateSet } from './statement.ts';
import { addTable, flushTable, listTables } from './table.ts';
import { commit } from './transaction.ts';
import { makeSpace } from './witness.test-support.ts';

const t = { family: 'inet', table: 't' } as const;
const pre = { ...t, chain: 'pre' } as const;
const post = { ...t, chain: 'post' } as const;
const map: NewSet = {
  ...t,
  set: 'm',
  key: ['inet_service'],
  data: ['ipv4_addr', 'inet_service'],
  dynamic: true,
  timeoutMs: 60_000,
  size: 100,
};
const ctTimeout = {
  ...t,
  ctTimeout: 'short',
  l3: 4,
  protocol: 'tcp',
  policy: { established: 60, close: 1 },
} as const;
const base = {
  pre: { type: 'nat', hook: 'prerouting', priority: -100, policy: 'accept' },
  post: { type: 'nat', hook: 'postrouting', priority: 100, policy: 'accept' },
} as const;

const POST_RULES: Statement[][] = [
  [match(meta.oifname, 'wan'), match(ip.saddr, '10.0.0.0/9'), masquerade({ fullyRandom: true })],
  [match(ip6.saddr, '2001:db8::/32'), snatTo({ address: '2001:db8:1::/64' })],
  [match(ct.state, ['new', 'related']), counter],
  [
    match(udp.dport, { from: 5, to: 9 }),
    updateSet('m', { key: udp.sport, data: [ip.saddr, udp.sport], timeoutMs: 5000 }),
  ],
  [unless(tcp.dport, { from: 5, to: 9 }), limitRate({ rate: 5, per: 'minute' }), accept],
  [match(numgenRandom(10), { from: 0, to: 2 }), drop],
  [match(tcp.dport, [80, 443]), accept],
  [snatTo({ address: { from: '192.0.2.1', to: '192.0.2.2' }, persistent: true })],
  [jumpTo('regular')],
];
const PRE_RULES: Statement[][] = [
  [match(udp.dport, 53), dnatToMap({ key: udp.dport, map: 'm', family: 4, withPort: true })],
  [match(fib.daddrType, 'local'), inSet(udp.dport, 'm'), accept],
];
const FORWARD_RULES: Statement[][] = [[reject()], [reject('tcp reset')], [setCtTimeout('short')]];

/** What we wrote, but for what the kernel decides itself. */
function expressionsOf(statements: readonly Statement[]): Expression[] {
  const draft = new RuleDraft(t.family, () => 1);
  for (const statement of statements) statement(draft);
  return draft.expressions.map(normalise);
}

function normalise(expression: Expression): Expression {
  if (expression.name === 'counter') return { name: 'counter' };
  if (expression.name === 'nat') return normaliseNat(expression);
  if (expression.name !== 'lookup') return expression;
  const { name, sreg, dreg, set } = expression;
  return { name, sreg, set: set.replace(/%d|\d$/, ''), ...(dreg !== undefined && { dreg }) };
}

/** The kernel itself says that there are addresses and ports, and gives both ends of each range. */
function normaliseNat(nat: Extract<Expression, { name: 'nat' }>): Expression {
  const { addressMin, addressMax = addressMin, portMin, portMax = portMin, flags = 0 } = nat;
  return {
    ...nat,
    flags: flags & ~3,
    ...(addressMax !== undefined && { addressMax }),
    ...(portMax !== undefined && { portMax }),
  };
}

describe('What is read back from the kernel', () => {
  test('tables, chains and rules are what was written', (context) => {
    const { netfilter } = makeSpace(context);
    commit(netfilter, [
      addTable(t),
      addSet(map),
      addCtTimeout(ctTimeout),
      addChain({ ...t, chain: 'regular' }),
      addChain({ ...pre, base: base.pre }),
      addChain({ ...post, base: base.post }),
      addChain({
        ...t,
        chain: 'f',
        base: { type: 'filter', hook: 'prerouting', priority: -150, policy: 'drop' },
      }),
      ...PRE_RULES.map((statements) => appendRule(pre, ...statements)),
      ...POST_RULES.map((statements) => appendRule(post, ...statements)),
      ...FORWARD_RULES.map((statements) => appendRule({ ...t, chain: 'f' }, ...statements)),
    ]);
    const [table] = netfilter.dump(listTables({ family: 'inet' }));
    assert.deepEqual(table, { ...t, handle: table?.handle });
    const chains = netfilter.dump(listChains({ family: 'inet' }));
    assert.deepEqual(
      chains.map(({ chain, base: listed }) => [chain, listed]),
      [
        ['regular', undefined],
        ['pre', base.pre],
        ['post', base.post],
        ['f', { type: 'filter', hook: 'prerouting', priority: -150, policy: 'drop' }],
      ],
    );
    const listed = (chain: string) =>
      netfilter.dump(listRules({ ...t, chain })).map((rule) => rule.expressions.map(normalise));
    assert.deepEqual(listed('post'), POST_RULES.map(expressionsOf));
    assert.deepEqual(listed('pre'), PRE_RULES.map(expressionsOf));
    assert.deepEqual(listed('f'), FORWARD_RULES.map(expressionsOf));
    assert.equal(netfilter.dump(listRules(t)).length, 14);
    assert.equal(netfilter.dump(listRules({ family: 'ip' })).length, 0);
  });

  test('rules are deleted by handle, by chain and by table', (context) => {
    const { netfilter } = makeSpace(context);
    const other = { ...t, chain: 'other' };
    commit(netfilter, [
      addTable(t),
      addChain({ ...pre }),
      addChain(other),
      appendRule(pre, accept),
      appendRule(pre, drop),
      appendRule(other, drop),
    ]);
    const [first] = netfilter.dump(listRules(pre));
    assert.ok(first);
    commit(netfilter, [deleteRule(pre, first.handle)]);
    assert.deepEqual(
      netfilter.dump(listRules(t)).map(({ chain, expressions }) => [chain, expressions]),
      [
        ['pre', expressionsOf([drop])],
        ['other', expressionsOf([drop])],
      ],
    );
    commit(netfilter, [flushChain(pre)]);
    assert.deepEqual(
      netfilter.dump(listRules(t)).map(({ chain }) => chain),
      ['other'],
    );
    commit(netfilter, [flushTable(t), deleteChain(other)]);
    assert.deepEqual(
      netfilter.dump(listChains()).map(({ chain }) => chain),
      ['pre'],
    );
  });

  test('sets, maps and their elements', (context) => {
    const { netfilter } = makeSpace(context);
    const nets: NewSet = { ...t, set: 'nets', key: ['ipv4_addr'], interval: true };
    const pairs: NewSet = {
      ...t,
      set: 'pairs',
      key: ['ipv4_addr', 'inet_service'],
      interval: true,
    };
    const names: NewSet = { ...t, set: 'names', key: ['ifname'], data: ['mark'] };
    commit(netfilter, [addTable(t), addSet(map), addSet(nets), addSet(pairs), addSet(names)]);
    const [first, second] = netfilter.dump(listSets());
    assert.deepEqual(first, { ...map, interval: false, timeout: true });
    assert.deepEqual([second?.interval, second?.data, second?.timeout], [true, undefined, false]);
    commit(netfilter, [
      addElements(map, [{ key: 4000, data: ['10.0.0.2', 4000], timeoutMs: 30_000 }]),
      addElements(nets, [{ key: '10.0.0.0/8' }]),
      addElements(pairs, [{ key: ['10.0.0.0/8', { from: 80, to: 90 }] }]),
      addElements(names, [{ key: 'eth0', data: 7 }]),
    ]);
    const elements = (set: NewSet) => netfilter.dump(listElements(set)).flat();
    const [entry] = elements(map);
    assert.ok(entry && (entry.expirationMs ?? 0) > 20_000 && (entry.expirationMs ?? 0) <= 30_000);
    assert.deepEqual(
      { ...entry, expirationMs: 0 },
      {
        key: [4000],
        data: ['10.0.0.2', 4000],
        intervalEnd: false,
        timeoutMs: 30_000,
        expirationMs: 0,
      },
    );
    assert.deepEqual(
      elements(nets)
        .map(({ key, intervalEnd }) => [key, intervalEnd])
        .toSorted(),
      [
        [['10.0.0.0'], false],
        [['11.0.0.0'], true],
      ],
    );
    assert.deepEqual(elements(pairs), [
      { key: ['10.0.0.0', 80], keyEnd: ['10.255.255.255', 90], intervalEnd: false },
    ]);
    assert.deepEqual(elements(names), [{ key: ['eth0'], data: [7], intervalEnd: false }]);
    commit(netfilter, [
      deleteElements(nets, [{ key: '10.0.0.0/8' }]),
      flushSet(map),
      deleteSet(names),
    ]);
    assert.deepEqual([...elements(nets), ...elements(map)], []);
    assert.deepEqual(
      netfilter.dump(listSets()).map(({ set }) => set),
      ['m', 'nets', 'pairs'],
    );
  });

  test('timeouts of connections', (context) => {
    const { netfilter } = makeSpace(context);
    commit(netfilter, [addTable(t), addCtTimeout(ctTimeout)]);
    const [listed] = netfilter.dump(listCtTimeouts());
    assert.deepEqual(
      {
        ...listed,
        policy: { established: listed?.policy.established, close: listed?.policy.close },
      },
      ctTimeout,
    );
    commit(netfilter, [deleteCtTimeout(ctTimeout)]);
    assert.deepEqual(netfilter.dump(listCtTimeouts()), []);
  });

  test('chains of devices', (context) => {
    const { netns, netfilter } = makeSpace(context);
    using route = netns.netlink();
    route.request(addVeth({ name: 'v0' }, { name: 'v1' }));
    const table = { family: 'netdev', table: 'd' } as const;
    const ingress = { type: 'filter', hook: 'ingress', priority: 0, policy: 'accept' } as const;
    const one = { ...ingress, devices: ['v0'] };
    const two = { ...ingress, devices: ['v0', 'v1'] };
    commit(netfilter, [
      addTable(table),
      addChain({ ...table, chain: 'one', base: one }),
      addChain({ ...table, chain: 'two', base: two }),
    ]);
    assert.deepEqual(
      netfilter.dump(listChains()).map((chain) => chain.base),
      [one, two],
    );
  });
});
