import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NetweirError } from '@netweir/api';
import { container } from '../../container.test-support.ts';
import { delay, eth0, interfaceOf, SLOW, spaceOf, stage } from './standing.test-support.ts';

describe('a rule', () => {
  test('is applied to a container as soon as its space is told, and once', () => {
    const { standing, done } = stage([SLOW]);
    const space = spaceOf([container()], ['lo', 'eth0', 'eth1', 'nw2e']);
    standing.react({ type: 'space', space });
    assert.deepEqual(done(), ['apply docker:web/eth0 1ms', 'apply docker:web/eth1 1ms']);
    standing.react({ type: 'space', space });
    standing.react({ type: 'interface', space, interface: eth0(space) });
    assert.deepEqual(done(), []);
    assert.equal(standing.ruleOf(space, 2), 'slow');
    assert.equal(standing.ruleOf(space, 1), null);
  });

  test('is applied to an interface that comes later, and to one that has a lower index anew', () => {
    const { standing, done } = stage([SLOW]);
    const space = spaceOf([container()], ['lo']);
    standing.react({ type: 'space', space });
    space.interfaces.set(2, interfaceOf(2, 'eth0'));
    standing.react({ type: 'interface', space, interface: eth0(space) });
    assert.deepEqual(done(), ['apply docker:web/eth0 1ms']);
    standing.react({ type: 'interface-removed', space, ifindex: 2 });
    standing.react({ type: 'interface', space, interface: eth0(space) });
    assert.deepEqual(done(), ['apply docker:web/eth0 1ms']);
  });

  test('that is changed is applied in place, one that is deleted is cleared', () => {
    const { standing, done } = stage([SLOW]);
    const space = spaceOf([container()]);
    standing.react({ type: 'space', space });
    done();
    const slower = { ...SLOW, rule: { ...SLOW.rule, impairment: delay('2ms') } };
    standing.configure([slower], {}, [space]);
    assert.deepEqual(done(), ['apply docker:web/eth0 2ms']);
    const other = { ...SLOW, rule: { ...SLOW.rule, match: { name: 'db' } } };
    standing.configure([other], {}, [space]);
    assert.deepEqual(done(), ['clear docker:web/eth0']);
    standing.configure([], {}, [space]);
    assert.deepEqual(done(), []);
  });

  test('is for the first container of a space', () => {
    const { standing, done } = stage([SLOW]);
    const shared = [container({ name: 'db' }), container({ name: 'web' })];
    standing.react({ type: 'space', space: spaceOf(shared) });
    assert.deepEqual(done(), []);
    standing.react({ type: 'space', space: spaceOf(shared.toReversed()) });
    assert.deepEqual(done(), ['apply docker:web/eth0 1ms']);
  });

  test("never touches the host's interfaces, which is said once", () => {
    const { standing, done, problems } = stage([SLOW]);
    const web = container({ networks: [] });
    const space = spaceOf([web], ['lo', 'eth0'], 'host');
    standing.react({ type: 'space', space });
    standing.react({ type: 'space', space });
    standing.react({ type: 'interface', space, interface: eth0(space) });
    assert.deepEqual(done(), []);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /rule slow is not in force for web: it is on the host's/u);
    assert.deepEqual(standing.problemsOf(space), problems);
    standing.configure([], {}, [space]);
    assert.deepEqual(standing.problemsOf(space), []);
  });

  test('whose lease is over is not applied again before the container starts anew', () => {
    const impairment = { ...delay('1ms'), for: '5m' };
    const { standing, done } = stage([{ ...SLOW, rule: { ...SLOW.rule, impairment } }]);
    const space = spaceOf([container()]);
    standing.react({ type: 'space', space });
    assert.deepEqual(done(), ['apply docker:web/eth0 1ms with a lease']);
    standing.leaseEnded(space, eth0(space));
    standing.react({ type: 'interface', space, interface: eth0(space) });
    assert.deepEqual(done(), []);
    assert.equal(standing.ruleOf(space, 2), null);
    standing.leave(space);
    standing.react({ type: 'space', space: spaceOf([container()]) });
    assert.deepEqual(done(), ['apply docker:web/eth0 1ms with a lease']);
  });

  test('that cannot be applied is reported once, and not tried for ever', () => {
    const self = stage([SLOW]);
    const { standing, done, problems } = self;
    const space = spaceOf([container()]);
    self.fail = new NetweirError('kernel-lacks-netem', 'no sch_netem');
    standing.react({ type: 'space', space });
    standing.react({ type: 'interface', space, interface: eth0(space) });
    assert.equal(done().length, 1);
    assert.deepEqual(problems, ['the rule slow is not in force on docker:web/eth0: no sch_netem']);
    assert.equal(standing.ruleOf(space, 2), null);
    assert.deepEqual(standing.problemsOf(space), problems);
    standing.configure([], {}, [space]);
    assert.deepEqual(done(), []);
    assert.deepEqual(standing.problemsOf(space), []);
  });
});

describe('an engine that is gone', () => {
  const gone = { type: 'interface-removed', ifindex: 3 } as const;

  test('is told, and is no reason to try again until something else is wanted', () => {
    const { standing, done, problems, lost } = stage([SLOW]);
    const space = spaceOf([container()]);
    standing.react({ type: 'space', space });
    standing.react({ ...gone, space });
    assert.deepEqual(problems, []);
    done();
    lost.add(2);
    standing.react({ ...gone, space });
    standing.react({ ...gone, space });
    standing.react({ type: 'space', space });
    assert.deepEqual(done(), []);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^the rule slow is not in force on docker:web\/eth0 any more/u);
    assert.deepEqual(standing.problemsOf(space), problems);
    assert.equal(standing.ruleOf(space, 2), null);
    const slower = { ...SLOW, rule: { ...SLOW.rule, impairment: delay('2ms') } };
    standing.configure([slower], {}, [space]);
    assert.deepEqual(done(), ['apply docker:web/eth0 2ms']);
    assert.deepEqual(standing.problemsOf(space), []);
  });

  test('leaves nothing to put back when the rule ends', () => {
    const { standing, done, lost } = stage([SLOW]);
    const space = spaceOf([container()]);
    standing.react({ type: 'space', space });
    lost.add(2);
    standing.react({ ...gone, space });
    done();
    standing.configure([], {}, [space]);
    assert.deepEqual(done(), []);
    assert.deepEqual(standing.problemsOf(space), []);
  });

  test('takes with it what a person set, which comes back with the next start', () => {
    const { standing, done, problems, lost } = stage();
    const space = spaceOf([container()]);
    standing.setByPerson(space, eth0(space), delay('9ms'), undefined);
    lost.add(2);
    standing.react({ ...gone, space });
    assert.match(problems[0] ?? '', /^what was set is not in force on docker:web\/eth0 any more/u);
    standing.react({ type: 'space', space: spaceOf([container()]) });
    assert.deepEqual(done(), ['apply docker:web/eth0 9ms']);
  });
});

describe('labels', () => {
  const labelled = container({ labels: { 'netweir.egress': 'delay=5ms' } });

  test('are in force where no rule is', () => {
    const { standing, done } = stage();
    const space = spaceOf([labelled]);
    standing.react({ type: 'space', space });
    assert.deepEqual(done(), ['apply docker:web/eth0 5ms']);
    assert.equal(standing.ruleOf(space, 2), 'labels');
    standing.configure([SLOW], {}, [space]);
    assert.deepEqual(done(), ['apply docker:web/eth0 1ms']);
  });

  test('count only where they are allowed', () => {
    const { standing, done } = stage();
    const space = spaceOf([labelled]);
    const labels = (more: object): object => ({ containers: { labels: more } });
    standing.configure([], labels({ enabled: false }), [space]);
    standing.configure([], labels({ allow: ['pod:*'] }), [space]);
    standing.configure([], labels({ allow: [] }), [space]);
    assert.deepEqual(done(), []);
    standing.configure([], labels({ allow: ['pod:*', 'docker:w*'] }), [space]);
    assert.deepEqual(done(), ['apply docker:web/eth0 5ms']);
    standing.configure([], labels({ enabled: false }), [space]);
    assert.deepEqual(done(), ['clear docker:web/eth0']);
  });

  test('that are wrong are reported once, and for the inventory', () => {
    const { standing, done, problems } = stage();
    const space = spaceOf([container({ labels: { 'netweir.egress': 'dely=5ms' } })]);
    standing.react({ type: 'space', space });
    standing.react({ type: 'space', space });
    assert.deepEqual(done(), []);
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /labels of web: .*"dely", which is no key/u);
    assert.deepEqual(standing.problemsOf(space), problems);
  });
});

describe('what a person set', () => {
  test('follows a container that is renamed, and not another that gets its name', () => {
    const { standing, done } = stage();
    const containers = [container({ id: 'a' })];
    const space = spaceOf(containers);
    standing.setByPerson(space, eth0(space), delay('9ms'), undefined);
    containers[0] = container({ id: 'a', name: 'web2' });
    standing.react({ type: 'space', space });
    standing.react({ type: 'space', space: spaceOf([container({ id: 'b' })]) });
    assert.deepEqual(done(), []);
    standing.leave(space);
    const again = spaceOf([container({ id: 'a', name: 'web2' })]);
    standing.react({ type: 'space', space: again });
    assert.deepEqual(done(), ['apply docker:web2/eth0 9ms']);
  });

  test('comes back when the container starts anew, before any rule', () => {
    const { standing, done } = stage([SLOW]);
    const before = spaceOf([container({ id: 'a' })]);
    standing.react({ type: 'space', space: before });
    standing.setByPerson(before, eth0(before), delay('9ms'), undefined);
    standing.react({ type: 'space', space: before });
    standing.configure([], {}, [before]);
    standing.configure([SLOW], {}, [before]);
    assert.deepEqual(done(), ['apply docker:web/eth0 1ms']);
    assert.equal(standing.ruleOf(before, 2), null);
    standing.leave(before);
    const after = spaceOf([container({ id: 'b' })]);
    standing.react({ type: 'space', space: after });
    assert.deepEqual(done(), ['apply docker:web/eth0 9ms']);
    assert.equal(standing.ruleOf(after, 2), null);
  });

  test('comes back with the rest of its lease, and not after that', (t) => {
    const { standing, done } = stage();
    t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
    const space = spaceOf([container()]);
    standing.setByPerson(space, eth0(space), delay('9ms'), new Date(1_060_000));
    t.mock.timers.setTime(1_059_000);
    standing.react({ type: 'space', space: spaceOf([container()]) });
    assert.deepEqual(done(), ['apply docker:web/eth0 9ms with a lease']);
    t.mock.timers.setTime(1_060_000);
    standing.react({ type: 'space', space: spaceOf([container()]) });
    assert.deepEqual(done(), []);
  });

  test('gives way to the rule when its lease is over', () => {
    const { standing, done } = stage([SLOW]);
    const space = spaceOf([container()]);
    standing.setByPerson(space, eth0(space), delay('9ms'), new Date(Date.now() + 60_000));
    standing.leaseEnded(space, eth0(space));
    assert.deepEqual(done(), ['apply docker:web/eth0 1ms']);
  });

  test('and cleared keeps rules away until the container starts anew', () => {
    const { standing, done } = stage([SLOW]);
    const space = spaceOf([container()]);
    standing.react({ type: 'space', space });
    standing.clearedByPerson(space, eth0(space));
    done();
    standing.react({ type: 'space', space });
    standing.configure([SLOW], {}, [space]);
    assert.deepEqual(done(), []);
    standing.leave(space);
    standing.react({ type: 'space', space: spaceOf([container()]) });
    assert.deepEqual(done(), ['apply docker:web/eth0 1ms']);
  });

  test('and clears stays so until a rule asks for something else', () => {
    const { standing, done } = stage([SLOW]);
    const space = spaceOf([container()]);
    standing.react({ type: 'space', space });
    standing.clearedByPerson(space, eth0(space));
    done();
    standing.configure([], {}, [space]);
    standing.configure([SLOW], {}, [space]);
    assert.deepEqual(done(), []);
    const slower = { ...SLOW, rule: { ...SLOW.rule, impairment: delay('2ms') } };
    standing.configure([slower], {}, [space]);
    assert.deepEqual(done(), ['apply docker:web/eth0 2ms']);
  });

  test('and restored all at once does not come back', () => {
    const { standing, done } = stage([SLOW]);
    const space = spaceOf([container()]);
    standing.react({ type: 'space', space });
    standing.setByPerson(space, eth0(space), delay('9ms'), undefined);
    standing.restoredByPerson();
    done();
    standing.react({ type: 'space', space });
    assert.deepEqual(done(), []);
    standing.react({ type: 'space', space: spaceOf([container()]) });
    assert.deepEqual(done(), ['apply docker:web/eth0 1ms']);
  });

  test("on the host's interfaces is no matter of its containers", () => {
    const { standing, done } = stage();
    const space = spaceOf([container()], ['lo', 'eth0'], 'host');
    standing.setByPerson(space, eth0(space), delay('9ms'), undefined);
    standing.react({ type: 'space', space: spaceOf([container()]) });
    assert.deepEqual(done(), []);
  });
});
