import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, test } from 'node:test';
import { laptopAndServer } from '../lab.test-support.ts';
import { Lab } from '../lab.ts';

const { lab, laptop, server } = await laptopAndServer();

describe('Code that lives on in a node', () => {
  after(async () => await lab.close());

  test('exchanges messages, while it blocks its thread and nothing else', async () => {
    const thread = server.thread(async (greeting) => {
      const { parentPort } = await import('node:worker_threads');
      parentPort?.on('message', (flag: Int32Array) => {
        Atomics.wait(flag, 0, 0);
        parentPort?.postMessage(greeting);
      });
    }, 'hello');
    const flag = new Int32Array(new SharedArrayBuffer(4));
    thread.postMessage(flag);
    const answer = once(thread, 'message');
    const listener = await server.listen({ port: 80 });
    const socket = await laptop.connect({ host: 'server', port: 80 });
    assert.equal(await server.run(() => 1), 1);
    Atomics.store(flag, 0, 1);
    Atomics.notify(flag, 0);
    socket.destroy();
    listener.close();
    assert.deepEqual(await answer, ['hello']);
    assert.equal(await thread.terminate(), 1);
  });

  test('may be a module, and ends with its node, though it never yields', async () => {
    const short = lab.device('short');
    const thread = short.thread(() => {
      for (;;);
    });
    await once(thread, 'online');
    const exit = once(thread, 'exit');
    await lab.remove(short);
    await exit;
    const url = new URL('./double.test-support.js', import.meta.url);
    assert.deepEqual(await once(laptop.thread(url, 1), 'exit'), [0]);
  });

  test('throws to who holds it', async () => {
    const thread = laptop.thread(() => {
      throw new RangeError('inside');
    });
    const [error] = await once(thread, 'error');
    assert.equal(error.message, 'inside');
  });
});

describe('fetch from a node', () => {
  test('streams answers, by names and addresses, and ends with the node', async () => {
    await using lab = await Lab.create();
    const laptop = lab.device('laptop', { uplink: lab.router('home') });
    const server = lab.device('server', { uplink: lab.router('far') });
    const serving = server.thread(async () => {
      const { createServer } = await import('node:http');
      const { parentPort } = await import('node:worker_threads');
      const http = createServer((request, response) => {
        if (request.url === '/endless') {
          response.write('begin');
          return;
        }
        request.pipe(response);
      });
      http.listen(80, '::', () => parentPort?.postMessage('ready'));
    });
    await once(serving, 'message');
    for (const host of ['server', 'server.lab', server.ipv4, `[${server.ipv6}]`]) {
      const response = await laptop.fetch(`http://${host}/`, { method: 'POST', body: 'echo' });
      assert.deepEqual([response.status, await response.text()], [200, 'echo']);
    }
    const response = await laptop.fetch('http://server/endless');
    const reader = response.body?.getReader();
    const chunk = await reader?.read();
    assert.equal(Buffer.from(chunk?.value ?? []).toString(), 'begin');
    const rest = assert.rejects(async () => await reader?.read());
    await assert.rejects(laptop.fetch('http://nobody/'), (error: Error) => {
      assert.match(String(error.cause), /no address has the name nobody/);
      return true;
    });
    await lab.remove(laptop);
    await rest;
  });
});

describe('Programs', () => {
  test('tell when they start and end, and what they print', async () => {
    await using lab = await Lab.create();
    const node = lab.device('node');
    const events: unknown[] = [];
    lab.subscribe(({ kind, node: name, value }) => {
      if (kind.startsWith('program-')) events.push({ kind, name, value });
    });
    const script = 'echo out; echo err >&2; exit 3';
    const result = await node.exec('sh', ['-c', script]);
    assert.deepEqual(result, { stdout: 'out\n', stderr: 'err\n', code: 3, signal: null });
    const [started, ended] = events as { value: { pid: number } }[];
    const what = { command: ['sh', '-c', script], pid: started?.value.pid };
    assert.deepEqual(started, { kind: 'program-started', name: 'node', value: what });
    const value = { ...what, code: 3, signal: null };
    assert.deepEqual(ended, { kind: 'program-ended', name: 'node', value });
    await assert.rejects(node.exec('no-such-program'), { code: 'ENOENT' });
  });
});
