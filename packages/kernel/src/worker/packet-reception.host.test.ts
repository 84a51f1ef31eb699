import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import * as libc from '../libc.ts';
import { openPacketReceiver, packetLosses, stopPacketReceiver } from '../packet-receiver.ts';
import { type PacketRecord, readPacketRecord } from '../packet-record.ts';
import { openPacketSender } from '../packet-socket.ts';
import { setLinkDown, setLinkUp } from '../route/link-change.ts';
import { getLink } from '../route/link-query.ts';
import { makePair, type Space } from '../route/witness.test-support.ts';
import { VIRTIO_NET_HDR_LENGTH } from '../virtio-net-header.ts';
import { SocketReader } from './socket-reader.ts';

const SNAP_LENGTH = 0x40000;
const MARK = 0x4e57_0001;
const ADDRESSES = `${'ff'.repeat(6)}020000000001`;

/** A frame to everybody whose last byte is `number`; `tag` comes before its type. */
function frame(number: number, tag = ''): Buffer {
  const start = Buffer.from(`${ADDRESSES}${tag}88b5`, 'hex');
  const payload = Buffer.alloc(100, number);
  return Buffer.concat([start, payload]);
}

function send(fd: number, ...frames: readonly Buffer[]): void {
  for (const one of frames) {
    const bytes = Buffer.concat([Buffer.alloc(VIRTIO_NET_HDR_LENGTH), one]);
    assert.equal(libc.send(fd, bytes, bytes.length, 0), bytes.length);
  }
}

interface Setup {
  readonly space: Space;
  readonly ends: readonly [v0: number, v1: number];
  /** Sends from v0. */
  readonly sender: number;
  readonly reader: SocketReader;
}

function setUp(t: TestContext): Setup {
  const { space, ifindex } = makePair(t);
  for (const name of ['v0', 'v1']) {
    space.run('sysctl', '-qw', `net.ipv6.conf.${name}.disable_ipv6=1`);
  }
  const [peer] = space.socket.query(getLink({ name: 'v1' }));
  assert.ok(peer);
  const sender = openPacketSender(space.netns, ifindex, MARK);
  t.after(() => void libc.close(sender));
  const reader = new SocketReader();
  t.after(() => reader.close());
  return { space, ends: [ifindex, peer.ifindex], sender, reader };
}

/** Receives on an interface; what is returned ends that and gives what came until then. */
function receive(
  { space, reader }: Setup,
  ifindex: number,
  { snapLength = SNAP_LENGTH, bufferBytes = 1 << 20 } = {},
): () => Promise<{ packets: PacketRecord[]; losses: number }> {
  const fd = openPacketReceiver(space.netns, ifindex, bufferBytes);
  const packets: PacketRecord[] = [];
  const closings = new EventEmitter();
  const closed = once(closings, 'closed');
  const handle = reader.addPackets(fd, snapLength, {
    message: (bytes) => packets.push(readPacketRecord(bytes.slice())),
    overrun: () => assert.fail('lost packets'),
    closed: (error) => closings.emit('closed', error),
  });
  return async () => {
    stopPacketReceiver(fd);
    const losses = packetLosses(fd);
    reader.finish(handle);
    assert.deepEqual(await closed, [undefined]);
    return { packets, losses };
  };
}

describe('A packet receiver', () => {
  test('has every packet of its interface, in order, with direction and time', async (t) => {
    const setup = setUp(t);
    const { ends, sender } = setup;
    for (const [index, type] of (['outgoing', 'broadcast'] as const).entries()) {
      const end = receive(setup, ends[index] ?? 0);
      const before = Date.now();
      send(sender, ...Array.from({ length: 200 }, (_, number) => frame(number)));
      const { packets, losses } = await end();
      const after = Date.now();
      assert.deepEqual([packets.length, losses], [200, 0]);
      for (const [number, packet] of packets.entries()) {
        assert.deepEqual(Buffer.from(packet.bytes), frame(number));
        assert.deepEqual([packet.type, packet.length], [type, 114]);
        const timeMs = (packet.timeHigh * 2 ** 32 + packet.timeLow) / 1e6;
        assert.ok(timeMs > before - 1 && timeMs < after + 1, `${timeMs - before} ms`);
      }
    }
  });

  test('cuts packets at the snap length, and says how long they are', async (t) => {
    const setup = setUp(t);
    const end = receive(setup, setup.ends[1], { snapLength: 60 });
    send(setup.sender, frame(7));
    const { packets } = await end();
    assert.equal(packets[0]?.length, 114);
    assert.deepEqual(Buffer.from(packets[0].bytes), frame(7).subarray(0, 60));
  });

  test('has packets with the VLAN tag that they had on the wire', async (t) => {
    const setup = setUp(t);
    const tagged = frame(1, '81002064');
    const whole = receive(setup, setup.ends[1]);
    const cut = receive(setup, setup.ends[1], { snapLength: 64 });
    send(setup.sender, tagged, frame(2));
    const [first, second] = (await whole()).packets;
    assert.deepEqual(Buffer.from(first?.bytes ?? []), tagged);
    assert.equal(first?.length, tagged.length);
    assert.deepEqual(Buffer.from(second?.bytes ?? []), frame(2));
    const [short] = (await cut()).packets;
    assert.deepEqual(Buffer.from(short?.bytes ?? []), tagged.subarray(0, 64));
  });

  test('goes on where its interface was down', async (t) => {
    const setup = setUp(t);
    const { space, ends, sender } = setup;
    const end = receive(setup, ends[1]);
    send(sender, frame(1));
    space.socket.request(setLinkDown({ ifindex: ends[1] }));
    space.socket.request(setLinkUp({ ifindex: ends[1] }));
    await setup.reader.ready;
    send(sender, frame(2));
    const { packets } = await end();
    assert.deepEqual(
      packets.map(({ bytes }) => bytes.at(-1)),
      [1, 2],
    );
  });

  test('counts what its queue could not hold', async (t) => {
    const setup = setUp(t);
    const fd = openPacketReceiver(setup.space.netns, setup.ends[1], 4096);
    t.after(() => void libc.close(fd));
    send(setup.sender, ...Array.from({ length: 100 }, () => frame(1)));
    const losses = packetLosses(fd);
    assert.ok(losses > 50 && losses < 100, `${losses}`);
    assert.equal(packetLosses(fd), 0);
  });
});
