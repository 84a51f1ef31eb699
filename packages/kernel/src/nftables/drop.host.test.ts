import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { addChain } from './chain.ts';
import { type Lan, listen, makeLan } from './lan.test-support.ts';
import { match } from './match.ts';
import { appendRule, listRules } from './rule.ts';
import type { Statement } from './rule-draft.ts';
import { meta, numgenRandom, udp } from './selector.ts';
import { counter, drop, limitRate } from './statement.ts';
import { addTable } from './table.ts';
import { commit } from './transaction.ts';

const forward = { family: 'inet', table: 't', chain: 'forward' } as const;
const base = { type: 'filter', hook: 'forward', priority: 0 } as const;

/** How many of `count` datagrams to port 5000 come from one client to the other through such a rule. */
async function passed(t: TestContext, { router, a, b }: Lan, count: number, rule: Statement[]) {
  commit(router.netfilter, [
    addTable(forward),
    addChain({ ...forward, base }),
    appendRule(forward, match(meta.oifname, 'lan1'), match(udp.dport, 5000), ...rule),
  ]);
  const from = listen(t, a, '10.0.0.2', 4000);
  const to = listen(t, b, '10.0.1.2', 5000);
  const marker = listen(t, b, '10.0.1.2', 5001);
  // One socket's datagrams stay in order, so that behind the last one all have arrived that will.
  for (let index = 0; index < count; index++) from.send('counted', '10.0.1.2', 5000);
  from.send('last', '10.0.1.2', 5001);
  await marker.next();
  return to.arrived();
}

/** How many packets came to the counter of the rule. */
function counted({ router }: Lan): number | undefined {
  const [rule] = router.netfilter.dump(listRules(forward));
  return rule?.expressions.flatMap((part) => (part.name === 'counter' ? [part.packets] : []))[0];
}

test('A limit lets its burst through, and what comes beyond it is dropped', async (t) => {
  const lan = makeLan(t);
  const over = limitRate({ rate: 1, per: 'hour', burst: 7, over: true });
  assert.equal(await passed(t, lan, 20, [over, counter, drop]), 7);
  assert.equal(counted(lan), 13);
});

test('Chance drops its share', async (t) => {
  const lan = makeLan(t);
  await passed(t, lan, 600, [match(numgenRandom(3), 0), counter, drop]);
  const dropped = counted(lan) ?? 0;
  // 200 of 600 on average; six standard deviations are 70.
  assert.ok(dropped > 130 && dropped < 270, `${dropped} of 600 dropped`);
});
