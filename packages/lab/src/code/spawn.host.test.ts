import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { Lab } from '../lab.ts';

describe('Programs in a node', () => {
  test('talk to each other: iperf3 through two routers', async () => {
    await using lab = await Lab.create();
    const laptop = lab.device('laptop', { uplink: lab.router('home') });
    const server = lab.device('server', { uplink: lab.router('far') });
    const served = server.spawn('iperf3', ['-s', '-1', '--forceflush'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.ok(served.stdout);
    for await (const text of served.stdout.setEncoding('utf8')) if (/listening/.test(text)) break;
    const client = laptop.spawn('iperf3', ['-c', server.ipv4, '-n', '1M', '-J'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.ok(client.stdout);
    const { end, start } = JSON.parse((await client.stdout.toArray()).join(''));
    assert.equal(start.connected[0].local_host, laptop.ipv4);
    assert.equal(end.sum_sent.bytes, 1024 * 1024);
    // The receiver stops to count before the last bytes have come.
    assert.ok(end.sum_received.bytes > 0);
  });

  test('end when their node is removed or the lab is closed, and no earlier', async () => {
    const lab = await Lab.create();
    const nodes = ['one', 'two'].map((name) => lab.device(name));
    const [one, two] = nodes.map((node) => node.spawn('sleep', ['600'], { stdio: 'ignore' }));
    assert.ok(one && two && nodes[0]);
    const exits = [one, two].map((child) => once(child, 'exit'));
    await lab.remove(nodes[0]);
    assert.deepEqual(await exits[0], [null, 'SIGKILL']);
    assert.equal(two.exitCode ?? two.signalCode, null);
    await lab.close();
    assert.deepEqual(await exits[1], [null, 'SIGKILL']);
  });

  test('that are missing say so', async () => {
    await using lab = await Lab.create();
    const child = lab.device('laptop').spawn('no-such-program');
    const [error] = await once(child, 'error');
    assert.equal(error.code, 'ENOENT');
  });
});
