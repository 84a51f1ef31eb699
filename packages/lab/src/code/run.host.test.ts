import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { laptopAndServer } from '../lab.test-support.ts';
import type { Device } from '../node/device.ts';

const { lab, laptop, server } = await laptopAndServer();

describe('Code in a node', () => {
  after(async () => await lab.close());

  const inode = (node: Device) => node.runSync(() => readlinkSync('/proc/thread-self/ns/net'));

  test('is inside, and gets and gives clones', async () => {
    const given = { list: new Map([['a', 1n]]), when: new Date(0) };
    const result = await laptop.run(async (value) => {
      const { readlinkSync: readlink } = await import('node:fs');
      const { execFileSync } = await import('node:child_process');
      return {
        value,
        namespace: readlink('/proc/thread-self/ns/net'),
        children: execFileSync('readlink', ['/proc/self/ns/net'], { encoding: 'utf8' }).trim(),
      };
    }, given);
    assert.deepEqual(result, { value: given, namespace: inode(laptop), children: inode(laptop) });
    assert.notEqual(inode(laptop), inode(server));
    assert.notEqual(inode(laptop), readlinkSync('/proc/thread-self/ns/net'));
  });

  test('runs in routers, in regions and at the exchange as it does in devices', async () => {
    const router = lab.router('any');
    const region = lab.region('anywhere');
    for (const node of [lab.device('any-device', { uplink: router }), router, region, lab.ix]) {
      const own = node.runSync(() => readlinkSync('/proc/thread-self/ns/net'));
      const inWorker = await node.run(async () => {
        const { readlinkSync: read } = await import('node:fs');
        return read('/proc/thread-self/ns/net');
      });
      const { stdout, code } = await node.exec('readlink', ['/proc/self/ns/net']);
      assert.deepEqual([inWorker, stdout.trim(), code], [own, own, 0], node.name);
      const thread = node.thread(async () => {
        const { readlinkSync: read } = await import('node:fs');
        const { parentPort } = await import('node:worker_threads');
        parentPort?.postMessage(read('/proc/thread-self/ns/net'));
      });
      assert.deepEqual(await once(thread, 'message'), [own]);
      await using reflector = await node.reflector({ port: 4000 });
      assert.ok((await node.probe(reflector.address)).port > 0);
    }
  });

  test('may be a module', async () => {
    const url = new URL('./double.test-support.js', import.meta.url);
    assert.deepEqual(await laptop.run(url, 21), { namespace: inode(laptop), doubled: 42 });
  });

  test('may be an ordinary function or a method', async () => {
    const named = function add(a: number, b: number) {
      return a + b;
    };
    const methods = {
      subtract(a: number, b: number) {
        return a - b;
      },
      async multiply(a: number, b: number) {
        return a * b;
      },
    };
    assert.equal(await laptop.run(named, 1, 2), 3);
    assert.equal(await laptop.run(methods.subtract, 1, 2), -1);
    assert.equal(await laptop.run(methods.multiply, 3, 2), 6);
  });

  test('serves and connects by HTTP between nodes', async () => {
    const signal = AbortSignal.timeout(20_000);
    const serving = server.runUntil(signal, async () => {
      const { createServer } = await import('node:http');
      const { EventEmitter } = await import('node:events');
      const http = createServer((request, response) =>
        response.end(`hello ${request.socket.remoteAddress}`),
      );
      http.listen(80, '::');
      const [request] = await EventEmitter.once(http, 'request');
      await EventEmitter.once(request.socket, 'close');
      return request.url;
    });
    const body = await laptop.runUntil(
      signal,
      async (host) => {
        for (;;) {
          const response = await fetch(`http://[${host}]/x`, {
            headers: { connection: 'close' },
          }).catch(() => undefined);
          if (response) return await response.text();
        }
      },
      server.ipv6,
    );
    assert.equal(body, `hello ${laptop.ipv6}`);
    assert.equal(await serving, '/x');
  });

  test('fails with what it throws', async () => {
    const thrown = laptop.run(() => {
      throw new RangeError('inside', { cause: 'deep' });
    });
    await assert.rejects(thrown, { name: 'RangeError', message: 'inside', cause: 'deep' });
    await assert.rejects(
      laptop.run(() => () => 1),
      { name: 'DataCloneError' },
    );
    const undefinedName = laptop.run(() => inode(laptop));
    await assert.rejects(undefinedName, { name: 'ReferenceError', message: /inode/ });
    await assert.rejects(laptop.run(new URL('./errors.js', import.meta.url)), {
      code: 'ERR_MODULE_NOT_FOUND',
    });
  });

  test('may send messages of its own, which are no result', async () => {
    const result = await laptop.run(async () => {
      const { parentPort } = await import('node:worker_threads');
      for (const message of [null, 'progress', { result: 1 }]) parentPort?.postMessage(message);
      return 2;
    });
    assert.equal(result, 2);
  });

  test('that ends its Worker has no result', async () => {
    await assert.rejects(
      laptop.run(() => process.exit(3)),
      {
        code: 'ERR_LAB_CODE_ENDED',
        message: /exit code 3/,
      },
    );
    await assert.rejects(
      laptop.run(() => new Promise(() => {})),
      { code: 'ERR_LAB_CODE_ENDED' },
    );
  });

  test('ends when its signal says so, though it never yields', async () => {
    const forever = () => {
      for (;;);
    };
    const start = Date.now();
    await assert.rejects(laptop.runUntil(AbortSignal.timeout(300), forever), {
      name: 'TimeoutError',
    });
    assert.ok(Date.now() - start < 2000);
    const aborted = AbortSignal.abort(new Error('no need'));
    await assert.rejects(laptop.runUntil(aborted, forever), { message: 'no need' });
  });

  test('may end at any moment of the start of its first program', async () => {
    const startProgram = async (begun: SharedArrayBuffer) => {
      const { spawnSync } = await import('node:child_process');
      Atomics.store(new Int32Array(begun), 0, 1);
      spawnSync('true');
      await new Promise(() => setInterval(() => {}, 1000));
    };
    for (let waitedMs = 0; waitedMs < 20; waitedMs++) {
      const begun = new SharedArrayBuffer(4);
      const controller = new AbortController();
      const running = laptop.runUntil(controller.signal, startProgram, begun);
      while (Atomics.load(new Int32Array(begun), 0) === 0) await setTimeout(1);
      await setTimeout(waitedMs);
      controller.abort(new Error('enough'));
      await assert.rejects(running, { message: 'enough' });
    }
  });

  test('ends with its node', async () => {
    const short = lab.device('short');
    const running = short.run(() => {
      for (;;);
    });
    const rejected = assert.rejects(running, { name: 'NodeRemoved', node: 'short' });
    await lab.remove(short);
    await rejected;
  });

  test('runs at once where it is synchronous, and sees what is around it', () => {
    const seen: string[] = [];
    laptop.runSync(() => void seen.push(readlinkSync('/proc/thread-self/ns/net')));
    assert.deepEqual(seen, [inode(laptop)]);
  });
});
