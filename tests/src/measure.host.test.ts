import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Measurement } from '@netweir/api';
import { netweir } from './support/command.ts';
import { Daemon, Site } from './support/daemon.ts';
import { TestNamespace } from './support/witness.ts';

let near: TestNamespace;
let far: TestNamespace;

before(() => {
  near = new TestNamespace('mean');
  far = new TestNamespace('meaf');
  near.ip('link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1', 'netns', far.name);
  near.ip('addr', 'add', '10.61.0.1/24', 'dev', 'v0');
  far.ip('addr', 'add', '10.61.0.2/24', 'dev', 'v1');
  near.ip('link', 'set', 'v0', 'up');
  far.ip('link', 'set', 'v1', 'up');
});

after(() => {
  near[Symbol.dispose]();
  far[Symbol.dispose]();
});

const measured = (stdout: string): Measurement => Measurement.parse(JSON.parse(stdout));

describe('netweir measure', () => {
  test('works without a daemon, and finds nothing set', async () => {
    using site = new Site();
    const { code, stdout, stderr } = await netweir(
      site,
      ...['measure', `${near.space}/v0`, far.space, '--duration', '1s'],
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /nothing is set on the way/u);
    assert.match(stdout, /← one way, udp .* ms {2}/u);
  });

  test('sets what a daemon has set against what is achieved, and exits with 1 where it differs', async () => {
    using site = new Site();
    await using _daemon = await Daemon.start(site);
    const measure = (): ReturnType<typeof netweir> =>
      netweir(site, 'measure', near.space, far.space, '--duration', '1s', '--json');
    const set = await netweir(site, 'set', `${far.space}/v1`, '--ingress', '--delay', '40ms');
    assert.equal(set.code, 0, set.stderr);
    const { stdout } = await measure();
    const [delay] = measured(stdout).comparisons;
    assert.deepEqual([delay?.heading, delay?.quantity, delay?.set], ['forward', 'delay', 40]);
    assert.ok(Math.abs((delay?.achieved ?? 0) - 40) < 10, stdout);
    // Somebody else lets through half of what comes behind it.
    near.exec('tc', ...'qdisc add dev v0 root tbf rate 30kbit burst 2000 limit 2000'.split(' '));
    const differs = await measure();
    assert.equal(differs.code, 1, differs.stdout);
    const { comparisons, verdict } = measured(differs.stdout);
    assert.equal(verdict, 'differs');
    const loss = comparisons.find(({ quantity }) => quantity === 'loss');
    assert.match(loss?.hints.join('\n') ?? '', new RegExp(`tbf on ${near.space}/v0`, 'u'));
    near.exec('tc', 'qdisc', 'del', 'dev', 'v0', 'root');
  });
});
