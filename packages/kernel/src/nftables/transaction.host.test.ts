import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KernelError } from '../errors.ts';
import { addChain } from './chain.ts';
import { match } from './match.ts';
import { masquerade } from './nat.ts';
import { appendRule, listRules } from './rule.ts';
import { ip, tcp } from './selector.ts';
import { addSet } from './set.ts';
import { accept, jumpTo } from './statement.ts';
import { addTable, deleteTable, destroyTable, flushRuleset, listTables } from './table.ts';
import { type Command, commit } from './transaction.ts';
import { makeSpace, ruleset, type Space } from './witness.test-support.ts';

const t = { family: 'ip', table: 't' } as const;
const forward = { ...t, chain: 'forward' } as const;
const base = { type: 'filter', hook: 'forward', priority: 0 } as const;

function refusal({ netfilter }: Space, commands: readonly Command[]): KernelError {
  try {
    commit(netfilter, commands);
  } catch (error) {
    if (error instanceof KernelError) return error;
    throw error;
  }
  return assert.fail('the kernel took it');
}

test('A transaction with one bad rule changes nothing, and says which and why', (context) => {
  const space = makeSpace(context);
  commit(space.netfilter, [addTable(t), addChain({ ...forward, base })]);
  const before = ruleset(space);
  const error = refusal(space, [
    appendRule(forward, match(tcp.dport, [80, 443]), accept),
    addTable({ family: 'inet', table: 'other' }),
    appendRule({ ...t, chain: 'missing' }, accept),
    appendRule(forward, accept),
  ]);
  assert.deepEqual(
    [error.operation, error.target, error.errnoName, error.attribute],
    ['append rule', 'ip t missing', 'ENOENT', 2],
  );
  assert.deepEqual(ruleset(space), before);
});

test('A transaction whose last command is refused changes nothing', (context) => {
  const space = makeSpace(context);
  const error = refusal(space, [
    addTable(t),
    addChain({ ...forward, base }),
    deleteTable({ ...t, table: 'u' }),
  ]);
  assert.deepEqual([error.operation, error.target], ['delete table', 'ip u']);
  assert.deepEqual(ruleset(space), []);
});

test('Of several bad commands the first is reported, and the socket goes on', (context) => {
  const space = makeSpace(context);
  const bad = Array.from({ length: 3000 }, (_, index) =>
    appendRule({ ...t, chain: `missing${index}` }, accept),
  );
  for (let round = 0; round < 2; round++) {
    assert.equal(refusal(space, [addTable(t), ...bad]).target, 'ip t missing0');
  }
  commit(space.netfilter, [addTable(t)]);
  assert.equal(space.netfilter.dump(listTables()).length, 1);
});

test('What the kernel refuses in an expression is the rule that has it', (context) => {
  const space = makeSpace(context);
  const error = refusal(space, [
    addTable(t),
    addChain({ ...forward, base }),
    appendRule(forward, accept),
    appendRule(forward, match(ip.saddr, '10.0.0.1'), masquerade()),
  ]);
  assert.deepEqual([error.operation, error.target], ['append rule', 'ip t forward']);
  assert.equal(error.errnoName, 'EOPNOTSUPP');
});

test('A jump in a circle is refused', (context) => {
  const space = makeSpace(context);
  const error = refusal(space, [
    addTable(t),
    addChain({ ...forward, base }),
    addChain({ ...t, chain: 'a' }),
    appendRule(forward, jumpTo('a')),
    appendRule({ ...t, chain: 'a' }, jumpTo('a')),
  ]);
  assert.equal(error.target, 'ip t a');
  assert.deepEqual(ruleset(space), []);
});

test('No command at all is nothing to do', (context) => {
  const space = makeSpace(context);
  commit(space.netfilter, []);
  assert.deepEqual(ruleset(space), []);
});

test('A transaction may be longer than the usual send buffer', (context) => {
  const space = makeSpace(context);
  const elements = Array.from({ length: 30_000 }, (_, index) => ({
    key: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`,
  }));
  commit(space.netfilter, [
    addTable(t),
    addSet({ ...t, set: 'many', key: ['ipv4_addr'], elements }),
  ]);
  const listed = space.run('nft', ['-j', 'list', 'set', 'ip', 't', 'many']);
  assert.equal(listed.match(/10\.\d+\.\d+\.\d+/g)?.length, 30_000);
});

test('A table is deleted whether it is there or not, and the ruleset flushed', (context) => {
  const space = makeSpace(context);
  commit(space.netfilter, [destroyTable(t)]);
  commit(space.netfilter, [
    addTable(t),
    addChain({ ...forward, base }),
    appendRule(forward, accept),
  ]);
  commit(space.netfilter, [destroyTable(t), addTable({ family: 'ip6', table: 'kept' })]);
  assert.deepEqual(
    space.netfilter.dump(listTables()).map(({ family, table }) => [family, table]),
    [['ip6', 'kept']],
  );
  commit(space.netfilter, [addTable(t), flushRuleset()]);
  assert.deepEqual(ruleset(space), []);
  assert.deepEqual(space.netfilter.dump(listRules()), []);
});
