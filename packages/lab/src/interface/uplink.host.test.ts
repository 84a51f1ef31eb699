import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { output, pings } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';
import type { LabNode } from '../node/lab-node.ts';

const reaches = (node: LabNode, to: { readonly ipv4: string; readonly ipv6: string }) =>
  [to.ipv4, to.ipv6].every((address) => pings(node, address));

describe('The uplink of a router', () => {
  test('moves to another router and back, with all that is behind it', async () => {
    await using lab = await Lab.create();
    const [cable, dsl] = [lab.router('cable'), lab.router('dsl')];
    const home = lab.router('home', { upstream: cable, addresses: 'private' });
    const inner = lab.router('inner', { upstream: home, addresses: 'private' });
    const laptop = lab.device('laptop', { uplink: inner });
    const server = lab.device('server', { uplink: lab.router('far') });
    const connected = () => reaches(laptop, server) && reaches(server, laptop);
    const hops = () => output(laptop, 'ping', '-n', '-c1', '-R', server.ipv4);
    for (const upstream of [dsl, lab.ix, cable]) {
      home.setUplink(upstream);
      assert.ok(connected());
      const passed = [dsl, cable].filter(({ ipv4 }) => hops().includes(`${ipv4}\n`));
      assert.deepEqual(passed, upstream === lab.ix ? [] : [upstream]);
    }
    assert.deepEqual(
      output(dsl, 'ip', 'route')
        .split('\n')
        .filter((route) => route.includes(home.downlink.ipv4)),
      [],
    );
    assert.equal(home.interfaces.find(({ name }) => name === 'wan')?.up, true);
    assert.throws(() => home.setUplink(inner), { code: 'ERR_LAB_UPSTREAM' });
    assert.throws(() => home.setUplink(home), { code: 'ERR_LAB_UPSTREAM' });
    assert.ok(connected());
    await lab.remove(dsl);
    await assert.rejects(lab.remove(cable), { code: 'ERR_LAB_NODE_IN_USE', message: /home/ });
  });
});
