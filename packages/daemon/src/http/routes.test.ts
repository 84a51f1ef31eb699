import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NetweirError, Topology, topologyOf } from '@netweir/api';
import { CAPABILITIES, INVENTORY, reportOf } from './fake-netweir.test-helper.ts';
import { ask, problemIn, start } from './running.test-helper.ts';

const ETH0 = { space: 'host', interface: 'eth0' };

describe('the routes', () => {
  test('GET /inventory and /capabilities answer what netweir says', async (t) => {
    const { port } = await start(t);
    const inventory = await ask(port, { path: '/api/v1/inventory' });
    assert.equal(inventory.status, 200);
    assert.match(inventory.headers['content-type'] ?? '', /^application\/json/u);
    assert.deepEqual(JSON.parse(inventory.text), INVENTORY);
    const capabilities = await ask(port, { path: '/api/v1/capabilities' });
    assert.deepEqual(JSON.parse(capabilities.text), CAPABILITIES);
  });

  test('GET /topology answers how what is there is connected', async (t) => {
    const { port } = await start(t);
    const { status, text } = await ask(port, { path: '/api/v1/topology' });
    assert.equal(status, 200);
    assert.deepEqual(Topology.parse(JSON.parse(text)), topologyOf(INVENTORY));
  });

  test('an impairment is read, put and deleted', async (t) => {
    const { port, netweir } = await start(t);
    const path = '/api/v1/interfaces/host/eth0/impairment';
    const impairment = { egress: { delay: { mean: '100ms' } }, for: '5m' };
    assert.deepEqual(JSON.parse((await ask(port, { path })).text), reportOf(ETH0));
    const put = await ask(port, { method: 'PUT', path, body: JSON.stringify(impairment) });
    assert.equal(put.status, 200);
    assert.deepEqual(JSON.parse(put.text).egress, impairment.egress);
    assert.equal((await ask(port, { method: 'DELETE', path })).status, 200);
    assert.deepEqual(netweir.changes, [
      { method: 'setImpairment', args: [ETH0, impairment] },
      { method: 'clearImpairment', args: [ETH0] },
    ]);
  });

  test('a namespace is named by its percent-encoded id', async (t) => {
    const { port } = await start(t);
    for (const space of ['netns%3Aa%20client', 'netns:a%20client']) {
      const answer = await ask(port, { path: `/api/v1/interfaces/${space}/eth0/impairment` });
      assert.equal(JSON.parse(answer.text).space, 'netns:a client');
    }
  });

  test('the longest name of a namespace is accepted', async (t) => {
    const { port } = await start(t);
    const name = '\u{20ac}'.repeat(255);
    const path = `/api/v1/interfaces/netns:${encodeURIComponent(name)}/eth0/impairment`;
    assert.equal(JSON.parse((await ask(port, { path })).text).space, `netns:${name}`);
  });

  test('a link is set up and down, everything is restored', async (t) => {
    const { port, netweir } = await start(t);
    const path = '/api/v1/interfaces/host/eth0/link';
    const down = await ask(port, { method: 'POST', path, body: '{"state":"down"}' });
    assert.deepEqual([down.status, down.text], [204, '']);
    const restored = await ask(port, { method: 'POST', path: '/api/v1/restore' });
    assert.deepEqual(JSON.parse(restored.text), { restored: [], skipped: [], failed: [] });
    assert.deepEqual(netweir.changes, [
      { method: 'setLink', args: [ETH0, 'down'] },
      { method: 'restore', args: [] },
    ]);
  });

  test('a probe is put and deleted', async (t) => {
    const { port, netweir } = await start(t);
    const request = { space: 'host', address: '2001:db8::1', interval: '50ms' };
    const path = '/api/v1/probes/to-server.1';
    const put = await ask(port, { method: 'PUT', path, body: JSON.stringify(request) });
    assert.deepEqual(JSON.parse(put.text), { id: 'to-server.1', ...request, samples: [] });
    assert.equal((await ask(port, { method: 'DELETE', path })).status, 204);
    assert.deepEqual(netweir.changes, [
      { method: 'putProbe', args: ['to-server.1', request] },
      { method: 'deleteProbe', args: ['to-server.1'] },
    ]);
  });

  test('an error of netweir keeps its code, its remedy and its status', async (t) => {
    const { port, netweir } = await start(t);
    netweir.failure = new NetweirError('kernel-lacks-netem', 'no sch_netem', {
      remedy: 'Load it.',
    });
    const answer = await ask(port, {
      method: 'PUT',
      path: '/api/v1/interfaces/host/eth0/impairment',
      body: '{"egress":{"loss":{"model":"random","probability":"1%"}}}',
    });
    const { status, code, detail, remedy } = problemIn(answer);
    assert.deepEqual(
      { status, code, detail, remedy },
      { status: 501, code: 'kernel-lacks-netem', detail: 'no sch_netem', remedy: 'Load it.' },
    );
  });

  test('an unforeseen fault is logged and not shown', async (t) => {
    const { port, netweir, log } = await start(t);
    netweir.failure = new TypeError('secret inner state');
    const answer = await ask(port, { path: '/api/v1/inventory' });
    assert.equal(problemIn(answer).code, 'internal');
    assert.equal(answer.status, 500);
    assert.doesNotMatch(answer.text, /secret inner state|at /u);
    assert.match(log.join(''), /secret inner state/u);
  });
});
