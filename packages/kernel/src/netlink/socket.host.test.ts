import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { KernelError } from '../errors.ts';
import { NetworkNamespace } from '../netns/network-namespace.ts';
import { Attributes } from './attributes.ts';
import { ADD, type Message, type Query, type Request } from './request.ts';
import { NetlinkSocket } from './socket.ts';
import { Writer } from './writer.ts';

const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const RTM_SETLINK = 19;
const RTM_NEWADDR = 20;
const RTM_NEWQDISC = 36;
const RTM_NEWLINKPROP = 108;
const IFLA_IFNAME = 3;
const IFLA_PROP_LIST = 52;
const IFLA_ALT_IFNAME = 53;
const IFNAME_OFFSET = 16;

function request(type: number, flags: number, body: Writer, operation = 'try request'): Request {
  return { operation, target: 'lo', type, flags, body: body.finish() };
}

function ifinfomsg(index: number): Writer {
  return new Writer().u8(0).zeros(3).i32(index).u32(0).u32(0);
}

const name = ({ type, body }: Message): string | undefined =>
  type === RTM_NEWLINK ? Attributes.read(body, IFNAME_OFFSET).string(IFLA_IFNAME) : undefined;

function linkNames(index = 0): Query<string> {
  return { ...request(RTM_GETLINK, 0, ifinfomsg(index), 'get link'), parse: name };
}

function addAddress(lastByte: number, prefixLength = 32): Request {
  const address = Uint8Array.of(10, 250, lastByte >> 8, lastByte & 255);
  const body = new Writer().u8(2).u8(prefixLength).u8(0).u8(0).u32(1);
  body.attributeBytes(2, address).attributeBytes(1, address);
  return request(RTM_NEWADDR, ADD, body, 'add address');
}

function inside<T>(action: (socket: NetlinkSocket, namespace: NetworkNamespace) => T): T {
  using namespace = NetworkNamespace.anonymous();
  using socket = namespace.netlink();
  return action(socket, namespace);
}

function ip(namespace: NetworkNamespace, ...args: string[]): string {
  return namespace.run<string>(() => execFileSync('ip', args, { encoding: 'utf8' }));
}

describe('NetlinkSocket', () => {
  test('dumps the links that ip shows', () => {
    using socket = new NetlinkSocket();
    const shown: { ifname: string }[] = JSON.parse(
      execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' }),
    );
    assert.deepEqual(
      socket.dump(linkNames()),
      shown.map(({ ifname }) => ifname),
    );
  });

  test('dumps every link once while others come and go', async () => {
    using namespace = NetworkNamespace.anonymous();
    using socket = namespace.netlink();
    const bridges = Array.from({ length: 60 }, (_, index) => `br${index}`);
    const input = bridges.map((bridge) => `link add ${bridge} type bridge\n`).join('');
    namespace.run(() => void execFileSync('ip', ['-batch', '-'], { input }));
    const loop = 'while ip link add other type bridge && ip link del other; do :; done';
    const child = namespace.spawn('sh', ['-c', loop], { stdio: 'ignore' });
    const seen = new Set<boolean>();
    const deadline = performance.now() + 5000;
    while (performance.now() < deadline && seen.size < 2) {
      const names = socket.dump(linkNames());
      const own = names.filter((name) => name.startsWith('br'));
      assert.deepEqual(own, bridges);
      seen.add(names.includes('other'));
    }
    assert.equal(seen.size, 2);
    child.kill();
    await once(child, 'exit');
  });

  test('gets one object, and an error where there is none', () => {
    inside((socket) => {
      assert.deepEqual(socket.query(linkNames(1)), ['lo']);
      assert.throws(() => socket.query(linkNames(4711)), { errnoName: 'ENODEV' });
    });
  });

  test('reports a refused dump with the text of the kernel', () => {
    inside((socket) => {
      const short = { ...request(RTM_GETLINK, 0, new Writer().u8(0)), parse: name };
      assert.throws(() => socket.dump(short), {
        errnoName: 'EINVAL',
        kernelText: 'Invalid header for link dump',
      });
    });
  });

  test('throws what the kernel says about a request', () => {
    inside((socket) => {
      const body = new Writer().u32(0).i32(1).u32(0).u32(0xffffffff).u32(0);
      body.attributeString(1, 'no_such_kind');
      assert.throws(() => socket.request(request(RTM_NEWQDISC, ADD, body, 'add qdisc')), {
        name: 'KernelError',
        message:
          'add qdisc on lo: ENOENT, no such file or directory (kernel: "Specified qdisc kind is unknown")',
      });
    });
  });

  test('names the attribute that the kernel refused', () => {
    inside((socket) => {
      const body = ifinfomsg(1).attributeBytes(IFLA_IFNAME, new Uint8Array(80).fill(97));
      assert.throws(() => socket.request(request(RTM_NEWLINK, 0, body)), {
        errnoName: 'ERANGE',
        offset: 32,
        attribute: IFLA_IFNAME,
      });
    });
  });

  test('gives each request of a batch its own error', () => {
    inside((socket, namespace) => {
      const wrong = new Map([
        [0, 'EINVAL'],
        [199, 'EINVAL'],
        [250, 'EEXIST'],
        [499, 'EINVAL'],
      ]);
      const requests = Array.from({ length: 500 }, (_, index) => {
        if (index === 250) return addAddress(249);
        return addAddress(index, wrong.has(index) ? 33 : 32);
      });
      const results = socket.batch(requests);
      const failed = results.flatMap((error, index) => (error ? [[index, error.errnoName]] : []));
      assert.deepEqual(failed, [...wrong]);
      const lines = ip(namespace, '-4', '-o', 'address', 'show', 'dev', 'lo').trim().split('\n');
      assert.equal(lines.length, 496);
    });
  });

  test('gives every request of a batch its error where all fail', () => {
    inside((socket) => {
      const body = ifinfomsg(1).attributeBytes(IFLA_IFNAME, new Uint8Array(80).fill(97));
      const wrong = request(RTM_NEWLINK, 0, body);
      const results = socket.batch(Array.from({ length: 450 }, () => wrong));
      assert.equal(results.length, 450);
      for (const error of results) {
        assert.equal(error?.kernelText, 'Attribute failed policy validation');
        assert.deepEqual([error.errnoName, error.attribute], ['ERANGE', IFLA_IFNAME]);
      }
    });
  });

  test('splits a batch that is longer than one send may be', () => {
    inside((socket) => {
      const padding = new Uint8Array(30_000);
      const long = request(RTM_SETLINK, 0, ifinfomsg(1).attributeBytes(200, padding));
      const results = socket.batch(Array.from({ length: 20 }, () => long));
      assert.deepEqual(
        results.map((error) => error?.errnoName),
        new Array(20).fill(undefined),
      );
    });
  });

  test('does nothing for an empty batch', () => {
    inside((socket) => assert.deepEqual(socket.batch([]), []));
  });

  test('gives up on an answer that does not come', () => {
    using socket = new NetlinkSocket({ timeoutMs: 30 });
    const started = performance.now();
    // A control message that asks for no acknowledgement is carried out in silence.
    const silent = { ...request(1, 0, new Writer(), 'wait'), parse: name };
    assert.throws(() => socket.dump(silent), { errnoName: 'ETIMEDOUT' });
    const elapsed = performance.now() - started;
    assert(elapsed >= 29 && elapsed < 2000, `${elapsed} ms`);
    assert.deepEqual(socket.query(linkNames(1)), ['lo']);
  });

  test('reads an object that is longer than its buffer', () => {
    inside((socket) => {
      const names = Array.from({ length: 495 }, (_, index) => `${index}-`.padEnd(127, 'x'));
      for (const alternative of names) {
        const body = ifinfomsg(1).nest(IFLA_PROP_LIST, (list) =>
          list.attributeString(IFLA_ALT_IFNAME, alternative),
        );
        socket.request(request(RTM_NEWLINKPROP, 0, body));
      }
      const parse = ({ body }: Message) => {
        const list = Attributes.read(body, IFNAME_OFFSET).bytes(IFLA_PROP_LIST);
        return { length: body.length, count: Attributes.entries(list ?? new Uint8Array()).length };
      };
      const [link] = socket.query({ ...linkNames(1), parse });
      assert.equal(link?.count, names.length);
      assert((link?.length ?? 0) > 0x10000, `${link?.length} bytes`);
    });
  });

  test('keeps what it returned untouched by later answers', () => {
    inside((socket) => {
      const parse = ({ body }: Message) => body;
      const [first] = socket.query({ ...linkNames(1), parse });
      const before = first?.slice();
      socket.batch(Array.from({ length: 50 }, () => addAddress(1, 33)));
      assert.deepEqual(first, before);
    });
  });

  test('refuses to work once closed', () => {
    const socket = new NetlinkSocket();
    socket.close();
    socket.close();
    assert.throws(
      () => socket.dump(linkNames()),
      (error) => error instanceof KernelError && error.errnoName === 'EBADF',
    );
  });
});
