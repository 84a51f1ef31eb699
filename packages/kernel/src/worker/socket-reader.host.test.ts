import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import * as libc from '../libc.ts';
import { Attributes } from '../netlink/attributes.ts';
import { readMessages } from '../netlink/message.ts';
import { openMonitor, RTNLGRP_LINK } from '../netlink/monitor.ts';
import { createNamed, deleteNamed, listNamed } from '../netns/named.ts';
import { NetworkNamespace } from '../netns/network-namespace.ts';
import { type SocketHandler, SocketReader } from './socket-reader.ts';

const IFLA_IFNAME = 3;
const IFINFOMSG_LENGTH = 16;
const SOL_SOCKET = 1;
const SO_RCVBUF = 8;

class Recorder implements SocketHandler {
  readonly names: string[] = [];
  readonly times: bigint[] = [];
  overruns = 0;
  closings: (Error | undefined)[] = [];

  message(bytes: Uint8Array, receivedAtNs: bigint): void {
    this.times.push(receivedAtNs);
    for (const { body } of readMessages(bytes)) {
      this.names.push(Attributes.read(body, IFINFOMSG_LENGTH).string(IFLA_IFNAME) ?? '?');
    }
  }

  overrun(): void {
    this.overruns++;
  }

  closed(error: Error | undefined): void {
    this.closings.push(error);
  }
}

function ip(...args: string[]): string {
  return execFileSync('ip', args, { encoding: 'utf8' });
}

async function until(condition: () => boolean, deadlineMs = 5000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!condition()) {
    assert(performance.now() < deadline, 'deadline passed');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function addBridge(namespace: NetworkNamespace, name: string): void {
  namespace.run(() => void ip('link', 'add', name, 'type', 'bridge'));
}

function openFiles(): number {
  return readdirSync('/proc/self/fd').length;
}

describe('SocketReader', () => {
  test('tells the events of several namespaces apart', async () => {
    using one = NetworkNamespace.anonymous();
    using two = NetworkNamespace.anonymous();
    await using reader = new SocketReader();
    const [first, second] = [new Recorder(), new Recorder()];
    reader.add(openMonitor(one, [RTNLGRP_LINK]), first);
    reader.add(openMonitor(two, [RTNLGRP_LINK]), second);
    const before = process.hrtime.bigint();
    addBridge(one, 'br-one');
    addBridge(two, 'br-two');
    await until(() => first.names.includes('br-one') && second.names.includes('br-two'));
    assert(!first.names.includes('br-two') && !second.names.includes('br-one'));
    const time = first.times[0] ?? 0n;
    assert(time > before && time < process.hrtime.bigint());
  });

  test('is ready when its worker reads, so that the first stamp is not late', async () => {
    using namespace = NetworkNamespace.anonymous();
    await using reader = new SocketReader();
    const recorder = new Recorder();
    reader.add(openMonitor(namespace, [RTNLGRP_LINK]), recorder);
    await reader.ready;
    addBridge(namespace, 'prompt');
    const made = process.hrtime.bigint();
    await until(() => recorder.names.includes('prompt'));
    const late = Number((recorder.times[0] ?? 0n) - made) / 1e6;
    assert(late < 20, `${late} ms`);
  });

  test('is ready at the latest when it is closed', async () => {
    const reader = new SocketReader();
    const closing = reader.close();
    await reader.ready;
    await closing;
    assert.throws(() => reader.add(99_999, new Recorder()), /closed/);
  });

  test('stamps the time of arrival, not of delivery', async () => {
    using namespace = NetworkNamespace.anonymous();
    await using reader = new SocketReader();
    const recorder = new Recorder();
    reader.add(openMonitor(namespace, [RTNLGRP_LINK]), recorder);
    addBridge(namespace, 'first');
    await until(() => recorder.names.includes('first'));
    recorder.times.length = 0;
    addBridge(namespace, 'second');
    const made = process.hrtime.bigint();
    while (process.hrtime.bigint() < made + 150_000_000n);
    await until(() => recorder.names.includes('second'));
    const late = Number((recorder.times[0] ?? 0n) - made) / 1e6;
    assert(late < 100, `${late} ms`);
  });

  test('lets a namespace die once its descriptor is removed', async (t) => {
    const name = `nwreader${process.pid}`;
    const peer = `nwp${process.pid}`;
    await using reader = new SocketReader();
    const recorder = new Recorder();
    const namespace = createNamed(name);
    t.after(() => {
      if (listNamed().includes(name)) deleteNamed(name);
    });
    const handle = reader.add(openMonitor(namespace, [RTNLGRP_LINK]), recorder);
    namespace.close();
    ip('link', 'add', peer, 'type', 'veth', 'peer', 'name', 'inside', 'netns', name);
    await until(() => recorder.names.includes('inside'));
    deleteNamed(name);
    const exists = () => readFileSync('/proc/net/dev', 'utf8').includes(`${peer}:`);
    assert(exists(), 'the reader holds the namespace');
    reader.remove(handle);
    await until(() => !exists(), 1000);
    await until(() => recorder.closings.length > 0);
    assert.deepEqual(recorder.closings, [undefined]);
  });

  test('reports an overrun when events were lost, and goes on', async () => {
    using namespace = NetworkNamespace.anonymous();
    using socket = namespace.netlink();
    await using reader = new SocketReader();
    const recorder = new Recorder();
    const fd = openMonitor(namespace, [RTNLGRP_LINK]);
    libc.setsockoptInt(fd, SOL_SOCKET, SO_RCVBUF, 1);
    reader.add(fd, recorder);
    const toggle = (up: number) => {
      const body = new Uint8Array(16);
      new DataView(body.buffer).setInt32(4, 1, true);
      body[8] = up;
      body[12] = 1;
      return { operation: 'set link', target: 'lo', type: 19, flags: 0, body };
    };
    const flood = Array.from({ length: 400 }, (_, index) => toggle(index % 2));
    assert(socket.batch(flood).every((error) => error === undefined));
    await until(() => recorder.overruns > 0);
    assert(recorder.names.length < 400);
    await until(() => recorder.names.length > 0);
    addBridge(namespace, 'afterwards');
    await until(() => recorder.names.includes('afterwards'));
  });

  test('reports a descriptor that cannot be watched', async () => {
    await using reader = new SocketReader();
    const recorder = new Recorder();
    reader.add(99_999, recorder);
    await until(() => recorder.closings.length > 0);
    assert.match(recorder.closings[0]?.message ?? '', /EBADF/);
  });

  test('closes quickly, with everything that it owns', async () => {
    using namespace = NetworkNamespace.anonymous();
    const warm = new SocketReader();
    await warm.close();
    const before = openFiles();
    const reader = new SocketReader();
    const recorders = Array.from({ length: 20 }, () => new Recorder());
    for (const recorder of recorders) reader.add(openMonitor(namespace, [RTNLGRP_LINK]), recorder);
    addBridge(namespace, 'seen');
    await until(() => recorders.every(({ names }) => names.includes('seen')));
    const started = performance.now();
    await reader.close();
    const elapsed = performance.now() - started;
    assert(elapsed < 1000, `${elapsed} ms`);
    assert(recorders.every(({ closings }) => closings.length === 1 && !closings[0]));
    assert.equal(openFiles(), before);
    assert.throws(() => reader.add(0, new Recorder()), /closed/);
    await reader.close();
  });

  for (const ending of ['', 'process.exit(3);', 'throw new Error("boom");']) {
    test(`lets its process end ${ending === '' ? 'when nothing else is left' : `by ${ending}`}`, () => {
      const module = new URL('./socket-reader.js', import.meta.url).href;
      const script = `const { SocketReader } = await import('${module}'); new SocketReader();
        await new Promise((resolve) => setTimeout(resolve, 200)); ${ending}`;
      const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        timeout: 10_000,
      });
      assert.equal(child.signal, null);
      assert.equal(child.status, ending === '' ? 0 : ending.startsWith('throw') ? 1 : 3);
    });
  }
});
