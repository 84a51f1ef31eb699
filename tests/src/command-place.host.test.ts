import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { netweir } from './support/command.ts';
import { Site } from './support/daemon.ts';
import { TestNamespace } from './support/witness.ts';

const PINGS = 30;

/** Two namespaces on a bridge in a third one, which has an address there: as a runtime makes them. */
describe('--at', () => {
  const site = new Site();
  const hub = new TestNamespace('hub');
  const leaves = [new TestNamespace('left'), new TestNamespace('right')] as const;
  const [left, right] = leaves;

  before(() => {
    hub.ip('link', 'add', 'br0', 'type', 'bridge');
    hub.ip('addr', 'add', '10.9.0.254/24', 'dev', 'br0');
    hub.ip('link', 'set', 'br0', 'up');
    for (const [index, leaf] of leaves.entries()) {
      const port = `port${index}`;
      hub.ip(...['link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', leaf.name]);
      hub.ip('link', 'set', port, 'master', 'br0', 'up');
      leaf.ip('addr', 'add', `10.9.0.${index + 1}/24`, 'dev', 'eth0');
      leaf.ip('link', 'set', 'eth0', 'up');
    }
  });

  after(() => {
    for (const namespace of [...leaves, hub]) namespace[Symbol.dispose]();
    site[Symbol.dispose]();
  });

  /** How many packets tc has seen pass the qdisc of an interface of the hub, while something is done. */
  function passed(name: string, meanwhile: () => void): number {
    const [, kind] = /qdisc (?<kind>\w+) 4e57:/u.exec(hub.tc('qdisc', 'show', 'dev', name)) ?? [];
    assert.equal(kind, 'tbf', `netweir is not on ${name}`);
    const count = (): number => {
      const [root] = JSON.parse(hub.tc('-j', '-s', 'qdisc', 'show', 'dev', name)) as {
        packets: number;
      }[];
      return root?.packets ?? 0;
    };
    const start = count();
    meanwhile();
    return count() - start;
  }

  const ping = (from: TestNamespace, to: string): void =>
    void from.exec('ping', '-q', '-c', String(PINGS), '-i', '0.01', '-w', '10', to);

  test('host limits what the namespace receives, whoever sends it', async () => {
    const place = [left.space, '--at', 'host'] as const;
    const { code, stderr } = await netweir(site, 'set', ...place, '--rate', '8mbit');
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`its egress is what ${left.space} receives there`));
    assert.ok(passed('port0', () => ping(right, '10.9.0.1')) >= PINGS);
    assert.ok(passed('port0', () => ping(hub, '10.9.0.1')) >= PINGS);
    assert.ok(passed('port0', () => ping(hub, '10.9.0.2')) < PINGS);
    assert.equal((await netweir(site, 'clear', ...place)).code, 0);
    assert.doesNotMatch(hub.tc('qdisc', 'show', 'dev', 'port0'), /4e57/);
  });

  test('bridge limits what all receive through the host, and not what they send one another', async () => {
    const place = [left.space, right.space, '--at', 'bridge'] as const;
    const { code, stdout, stderr } = await netweir(site, 'set', ...place, '--rate', '8mbit');
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `${hub.space}/br0: rate 8mbit\n`);
    assert.match(stderr, /what they exchange with one another does not pass it/);
    assert.ok(passed('br0', () => ping(hub, '10.9.0.1')) >= PINGS);
    assert.ok(passed('br0', () => ping(hub, '10.9.0.2')) >= PINGS);
    assert.ok(passed('br0', () => ping(left, '10.9.0.2')) < PINGS);
    assert.equal((await netweir(site, 'clear', ...place)).code, 0);
    assert.doesNotMatch(hub.tc('qdisc', 'show', 'dev', 'br0'), /4e57/);
  });
});
