import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, Impairment, Rule } from '@netweir/api';
import { descriptorsOf, interfaceOf, setStage, until } from './containers.test-support.ts';

const rate = (text: string): Impairment => ({ egress: { rate: { rate: text } } });
const rule = (name: string, impairment: Impairment): Rule => ({
  match: { name },
  interface: 'eth0',
  impairment,
});
const REF = { space: 'docker:web', interface: 'eth0' };

test('a container that starts is impaired by its rule, and leaves nothing when it ends', async (t) => {
  const { open, start, end, journal, problems } = setStage(t);
  const host = await open();
  await host.putRule('slow', rule('web*', rate('5mbit')));
  const web = await start('web');
  const db = await start('db');
  await until('it is impaired', () => /tbf 4e57: .* rate 5Mbit/u.test(web.tc()));
  await until('it is shown', async () => {
    const shown = await interfaceOf(host, 'docker:web', 'eth0').catch(() => undefined);
    return shown?.rule === 'slow' && shown.egress?.rate?.rate === '5mbit';
  });
  assert.doesNotMatch(db.tc(), /4e57/u);
  assert.notEqual(journal(), '');
  await end('web');
  await until('the journal has forgotten it', () => journal() === '');
  await until('the namespace is gone', () => descriptorsOf(web.inode).length === 0);
  assert.deepEqual(problems, []);
});

test('a rule is changed in place, and what it set is put back when it is deleted', async (t) => {
  const { open, start, journal } = setStage(t);
  const host = await open();
  const web = await start('web');
  const before = web.tc();
  await until('the container is there', async () =>
    (await host.inventory()).spaces.some(({ id }) => id === REF.space),
  );
  await host.putRule('slow', rule('web', rate('5mbit')));
  assert.match(web.tc(), /rate 5Mbit/u);
  await host.putRule('slow', rule('web', rate('6mbit')));
  assert.match(web.tc(), /rate 6Mbit/u);
  assert.equal((await interfaceOf(host, REF.space, 'eth0')).egress?.rate?.rate, '6mbit');
  await host.putRule('slow', rule('other', rate('6mbit')));
  assert.equal(web.tc(), before);
  await host.putRule('slow', rule('web', rate('6mbit')));
  await host.deleteRule('slow');
  assert.equal(web.tc(), before);
  assert.equal(journal(), '');
  await assert.rejects(host.deleteRule('slow'), { code: 'no-such-rule' });
  await assert.rejects(host.putRule('slow', rule('web', { egress: {} })), {
    code: 'invalid-combination',
  });
});

test('what a person set comes back when the container starts anew, with the rest of its lease', async (t) => {
  const { open, start, end } = setStage(t);
  const host = await open();
  await host.putRule('slow', rule('web', rate('5mbit')));
  const first = await start('web');
  await until('the rule is in force', () => first.tc().includes('5Mbit'));
  const { expiresAt } = await host.setImpairment(REF, { ...rate('7mbit'), for: '1h' });
  assert.equal((await interfaceOf(host, REF.space, 'eth0')).rule, null);
  await end('web');
  const second = await start('web');
  await until('it is impaired again', () => second.tc().includes('7Mbit'));
  assert.equal((await host.impairment(REF)).expiresAt, expiresAt);
  await host.clearImpairment(REF);
  assert.doesNotMatch(second.tc(), /4e57/u);
  await end('web');
  const third = await start('web');
  await until('the rule is in force again', () => third.tc().includes('5Mbit'));
});

test('what a person set on a container that does not run any more is forgotten', async (t) => {
  const { open, start, end } = setStage(t);
  const host = await open();
  const web = await start('web');
  await until('the container is there', async () =>
    (await host.inventory()).spaces.some(({ id }) => id === REF.space),
  );
  await host.setImpairment(REF, rate('7mbit'));
  assert.match(web.tc(), /7Mbit/u);
  const target = { space: REF.space, interface: undefined };
  assert.deepEqual(await host.forget(target), [], 'it runs');
  await end('web');
  await until('the container is gone', async () =>
    (await host.inventory()).spaces.every(({ id }) => id !== REF.space),
  );
  assert.deepEqual(await host.forget(target), [{ ...REF, at: 'container' }]);
  const again = await start('web');
  await until('it is there again', async () =>
    (await host.inventory()).spaces.some(({ id }) => id === REF.space),
  );
  assert.doesNotMatch(again.tc(), /4e57/u);
});

test('a container that is started anew at once, without a word of its end, is impaired again', async (t) => {
  const { open, start, journal } = setStage(t);
  const host = await open();
  await host.putRule('slow', rule('web', rate('5mbit')));
  const first = await start('web');
  await until('the rule is in force', () => first.tc().includes('5Mbit'));
  for (let times = 0; times < 5; times++) {
    const next = await start('web');
    await until('it is impaired again', () => next.tc().includes('5Mbit'));
  }
  await until('the journal has forgotten the others', () => /^\d+$/u.test(journal()));
});

test('the end of a lease gives way to the rule, and a rule has a lease of its own', async (t) => {
  const { open, start } = setStage(t);
  const host = await open();
  await host.putRule('slow', rule('web', rate('5mbit')));
  const web = await start('web');
  await until('the rule is in force', () => web.tc().includes('5Mbit'));
  await host.setImpairment(REF, { ...rate('7mbit'), for: '200ms' });
  assert.match(web.tc(), /7Mbit/u);
  await until('the rule is in force again', () => web.tc().includes('5Mbit'));
  await host.putRule('slow', rule('web', { ...rate('6mbit'), for: '200ms' }));
  assert.match(web.tc(), /6Mbit/u);
  await until('its lease is over', () => !web.tc().includes('4e57'));
  assert.equal((await interfaceOf(host, REF.space, 'eth0')).rule, null);
});

test('a rule for what a container receives leaves nothing of the engine behind', async (t) => {
  const { open, start, end, journal, problems } = setStage(t);
  const host = await open();
  const both = { egress: { delay: { mean: '5ms' } }, ingress: { delay: { mean: '5ms' } } };
  await host.putRule('slow', rule('web', { ...both, engine: 'userspace' }));
  const changes: Change[] = [];
  const stop = await host.watch(
    (message) => message.type === 'changes' && changes.push(...message.changes),
    () => undefined,
  );
  t.after(stop);
  const web = await start('web');
  await until('it is shown', async () => {
    const shown = await interfaceOf(host, 'docker:web', 'eth0').catch(() => undefined);
    return shown?.ingress?.delay?.mean === '5ms' && shown.egress?.delay?.mean === '5ms';
  });
  await until('it is told', () =>
    changes.some((one) => one.type === 'interface' && one.interface.rule === 'slow'),
  );
  const names = (await host.inventory()).spaces
    .find(({ id }) => id === 'docker:web')
    ?.interfaces.map(({ name }) => name);
  assert.deepEqual(names, ['lo', 'other', 'eth0']);
  await end('web');
  await until('the journal has forgotten it', () => journal() === '');
  await until('the namespace is gone', () => descriptorsOf(web.inode).length === 0);
  assert.deepEqual(problems, []);
});

test('a rule whose engine is gone is seen and told not to be in force any more', async (t) => {
  const { open, start } = setStage(t);
  const host = await open();
  await host.putRule(
    'slow',
    rule('web', { egress: { delay: { mean: '5ms' } }, engine: 'userspace' }),
  );
  const web = await start('web');
  await until('it is impaired', async () => {
    const shown = await interfaceOf(host, 'docker:web', 'eth0').catch(() => undefined);
    return shown?.rule === 'slow';
  });
  const told: Change[] = [];
  const stop = await host.watch(
    (message) => message.type === 'changes' && told.push(...message.changes),
    () => undefined,
  );
  t.after(stop);
  const { ifindex } = await interfaceOf(host, 'docker:web', 'eth0');
  web.inside('ip', 'link', 'del', `nw${ifindex}e`);
  await until('it is told', () =>
    told.some(
      (one) =>
        one.type === 'space' && /slow is not in force .* any more/u.test(`${one.space.problems}`),
    ),
  );
  const { rule: shown, egress } = await interfaceOf(host, 'docker:web', 'eth0');
  assert.deepEqual({ shown, egress }, { shown: null, egress: null });
  await host.putRule(
    'slow',
    rule('web', { egress: { delay: { mean: '6ms' } }, engine: 'userspace' }),
  );
  const again = (await host.inventory()).spaces.find(({ id }) => id === 'docker:web');
  assert.equal(again?.problems, undefined);
  assert.equal((await interfaceOf(host, 'docker:web', 'eth0')).rule, 'slow');
});

test('labels are in force, and wrong ones are seen in the inventory', async (t) => {
  const { open, start, problems } = setStage(t);
  const host = await open();
  const web = await start('web', { labels: { 'netweir.egress': 'rate=5mbit' } });
  await until('it is impaired', () => web.tc().includes('5Mbit'));
  await start('db', { labels: { 'netweir.egress': 'rate=5mbps' } });
  await until('the problem is seen', async () => {
    const space = (await host.inventory()).spaces.find(({ id }) => id === 'docker:db');
    return /"5mbps" is ambiguous/u.test(space?.problems?.join() ?? '');
  });
  assert.equal(problems.length, 1);
  host.configure({ containers: { labels: { enabled: false } } });
  assert.doesNotMatch(web.tc(), /4e57/u);
});

test('a daemon that starts applies the configured rules, but for what a command has set', async (t) => {
  const { open, start } = setStage(t);
  const [web, db] = [await start('web'), await start('db')];
  const command = await open('command');
  await command.setImpairment(REF, rate('7mbit'));
  await assert.rejects(command.putRule('slow', rule('*', rate('5mbit'))), {
    code: 'daemon-unreachable',
  });
  await command.close();
  const host = await open('daemon', { rules: { slow: rule('*', rate('5mbit')) } });
  assert.match(web.tc(), /7Mbit/u);
  assert.match(db.tc(), /5Mbit/u);
  await host.close({ restore: true });
  assert.match(web.tc(), /7Mbit/u);
  assert.doesNotMatch(db.tc(), /4e57/u);
});

test('what is restored by a person stays restored until the container starts anew', async (t) => {
  const { open, start } = setStage(t);
  const host = await open();
  await host.putRule('slow', rule('web', rate('5mbit')));
  const web = await start('web');
  await until('the rule is in force', () => web.tc().includes('5Mbit'));
  const { restored } = await host.restore();
  assert.equal(restored.length, 1);
  await host.putRule('another', rule('x', rate('5mbit')));
  assert.doesNotMatch(web.tc(), /4e57/u);
  const next = await start('web');
  await until('the rule is in force again', () => next.tc().includes('5Mbit'));
});
