import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NetweirError, Topology, topologyOf } from '@netweir/api';
import { CAPABILITIES, INVENTORY, LAB, RULE, reportOf, STATE } from './fake-netweir.test-helper.ts';
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

  const caller = (port: number): object => ({ client: '127.0.0.1', server: '127.0.0.1', port });

  test('an impairment is read, put, confirmed and deleted', async (t) => {
    const { port, netweir } = await start(t);
    const path = '/api/v1/interfaces/host/eth0/impairment';
    const impairment = { egress: { delay: { mean: '100ms' } }, for: '5m' };
    assert.deepEqual(JSON.parse((await ask(port, { path })).text), reportOf(ETH0));
    const put = await ask(port, { method: 'PUT', path, body: JSON.stringify(impairment) });
    assert.equal(put.status, 200);
    assert.deepEqual(JSON.parse(put.text).egress, impairment.egress);
    const confirmation = { method: 'POST', path: `${path}/confirmation` };
    assert.equal((await ask(port, confirmation)).status, 200);
    assert.equal((await ask(port, { method: 'DELETE', path })).status, 200);
    assert.deepEqual(netweir.changes, [
      { method: 'setImpairment', args: [ETH0, { ...impairment, callers: [caller(port)] }] },
      { method: 'confirmImpairment', args: [ETH0] },
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

  test('what comes back with containers is forgotten, all of it or what a target means', async (t) => {
    const { port, netweir } = await start(t);
    const path = '/api/v1/remembered';
    const all = await ask(port, { method: 'DELETE', path });
    const forgotten = [{ space: 'docker:old', interface: 'eth0', at: 'container' }];
    assert.deepEqual([all.status, JSON.parse(all.text)], [200, forgotten]);
    await ask(port, { method: 'DELETE', path: `${path}?space=docker%3Aold` });
    await ask(port, { method: 'DELETE', path: `${path}?space=docker:old&interface=eth*` });
    const wrong = await ask(port, { method: 'DELETE', path: `${path}?interface=eth0` });
    assert.equal(wrong.status, 400);
    assert.deepEqual(
      netweir.changes.map(({ args }) => args),
      [
        [],
        [{ space: 'docker:old', interface: undefined }],
        [{ space: 'docker:old', interface: 'eth*' }],
      ],
    );
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

  test('a measurement is answered when it is done', async (t) => {
    const { port, netweir } = await start(t);
    const request = {
      from: { space: 'host', interface: 'eth0' },
      to: { host: '2001:db8::1', port: 443 },
      duration: '2s',
    };
    const path = '/api/v1/measurements';
    const answer = await ask(port, { method: 'POST', path, body: JSON.stringify(request) });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(JSON.parse(answer.text).from.space, 'host');
    assert.deepEqual(netweir.changes, [{ method: 'measure', args: [request] }]);
    for (const [wrong, code] of [
      [{ ...request, duration: '2m' }, 'invalid-quantity'],
      [{ ...request, from: { space: 'docker:*' } }, 'invalid-target'],
      [{ from: request.from }, 'invalid-request'],
    ] as const) {
      const refused = await ask(port, { method: 'POST', path, body: JSON.stringify(wrong) });
      assert.equal(problemIn(refused).code, code);
    }
  });

  test('rules are listed, put and deleted', async (t) => {
    const { port, netweir } = await start(t);
    const listed = await ask(port, { path: '/api/v1/rules' });
    assert.deepEqual(JSON.parse(listed.text), [{ name: 'slow', rule: RULE, source: 'config' }]);
    const path = '/api/v1/rules/slow.web-1';
    const put = await ask(port, { method: 'PUT', path, body: JSON.stringify(RULE) });
    assert.deepEqual(JSON.parse(put.text), { name: 'slow.web-1', rule: RULE, source: 'api' });
    assert.equal((await ask(port, { method: 'DELETE', path })).status, 204);
    assert.deepEqual(netweir.changes, [
      { method: 'putRule', args: ['slow.web-1', RULE] },
      { method: 'deleteRule', args: ['slow.web-1'] },
    ]);
  });

  test('labs are listed, put and deleted', async (t) => {
    const { port, netweir } = await start(t);
    const listed = await ask(port, { path: '/api/v1/labs' });
    assert.deepEqual(JSON.parse(listed.text), [LAB]);
    const file = { router: [{ name: 'home' }], device: { laptop: { eth0: { gateway: 'home' } } } };
    const path = '/api/v1/labs/my-lab';
    const put = await ask(port, { method: 'PUT', path, body: JSON.stringify(file) });
    assert.deepEqual(JSON.parse(put.text), { ...LAB, name: 'my-lab' });
    assert.equal((await ask(port, { method: 'DELETE', path })).status, 204);
    assert.deepEqual(netweir.changes, [
      { method: 'putLab', args: ['my-lab', file] },
      { method: 'deleteLab', args: ['my-lab'] },
    ]);
  });

  test('a lab is shown and changed', async (t) => {
    const { port, netweir } = await start(t);
    const path = '/api/v1/labs/demo';
    assert.deepEqual(JSON.parse((await ask(port, { path })).text), STATE);
    const counted = await ask(port, { path: `${path}?counters=true` });
    assert.equal(JSON.parse(counted.text).sequence, 2);
    const namespaces = await ask(port, { path: `${path}/nodes/laptop/namespaces` });
    assert.deepEqual(JSON.parse(namespaces.text), {
      network: '/proc/1/fd/demo-laptop',
      mount: null,
    });
    const change = { type: 'link', node: 'laptop', interface: 'eth0', state: 'down' };
    const post = async (body: unknown) =>
      ask(port, { method: 'POST', path: `${path}/changes`, body: JSON.stringify(body) });
    assert.deepEqual(JSON.parse((await post(change)).text), []);
    assert.equal(problemIn(await post({ ...change, state: 'sideways' })).code, 'invalid-request');
    assert.equal(problemIn(await post({ ...change, type: 'lynk' })).code, 'invalid-request');
    assert.deepEqual(netweir.changes, [{ method: 'changeLab', args: ['demo', change] }]);
  });

  test('a lab file of a thousand nodes is taken, and one that is none is refused', async (t) => {
    const { port, netweir } = await start(t);
    const put = async (file: unknown, name = 'big') =>
      ask(port, { method: 'PUT', path: `/api/v1/labs/${name}`, body: JSON.stringify(file) });
    const router = Array.from({ length: 1000 }, (_, index) => ({
      name: `router-${index}`,
      conditions: { egress: { delay: '20ms', jitter: '5ms', loss: '0.5%' } },
    }));
    assert.equal((await put({ router })).status, 200);
    const { fields } = problemIn(await put({ router: [{ nam: 'home' }] }));
    assert.deepEqual(
      fields?.map(({ path }) => path),
      ['router.0.name', 'router.0'],
    );
    assert.equal((await put({}, 'a_b')).status, 400);
    assert.equal(netweir.changes.length, 1);
  });

  test('a rule that is none is refused before anybody hears of it', async (t) => {
    const { port, netweir } = await start(t);
    const put = async (name: string, rule: unknown): Promise<string> => {
      const path = `/api/v1/rules/${name}`;
      return problemIn(await ask(port, { method: 'PUT', path, body: JSON.stringify(rule) })).detail;
    };
    assert.match(await put('a', { ...RULE, match: {} }), /match: give at least one condition/u);
    assert.match(await put('a', { ...RULE, match: { nme: 'x' } }), /nme/u);
    assert.match(await put('a', { match: RULE.match }), /impairment/u);
    assert.match(await put('..%2Fa', RULE), /name/u);
    assert.deepEqual(netweir.changes, []);
  });

  test('stopped containers are in the inventory if they are asked for', async (t) => {
    const { port } = await start(t);
    const stopped = async (query: string): Promise<unknown> =>
      JSON.parse((await ask(port, { path: `/api/v1/inventory${query}` })).text).stopped.length;
    assert.equal(await stopped(''), 0);
    assert.equal(await stopped('?stopped=true'), 1);
    assert.equal(await stopped('?stopped=false'), 0);
    assert.equal((await ask(port, { path: '/api/v1/inventory?stopped=1' })).status, 400);
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
