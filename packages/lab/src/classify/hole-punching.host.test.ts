import assert from 'node:assert/strict';
import type { Socket } from 'node:dgram';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { NatName } from '@netweir/api';
import type { SocketAddress } from '../code/sockets.ts';
import { Lab } from '../lab.ts';
import type { Device } from '../node/device.ts';
import { StunClient } from '../stun/client.ts';
import { decodeStun } from '../stun/message.ts';

const NATS = ['none', 'full-cone', 'address-restricted', 'home', 'cgnat', 'corporate'] as const;
type Kind = (typeof NATS)[number] & NatName;

/** How much later the second one of a pair starts to send. */
const STARTS_MS = [0, 200, 1000];
const INTERVAL_MS = 50;
/** Long after what can meet has met: what still has not never does. */
const PATIENCE_MS = 1000;

/**
 * Whether two clients meet that learn each other's address from a server, send to it, and answer to where
 * something came from (RFC 5128 section 3.3, RFC 8445 section 7.3.1.3). The port by which a symmetric NAT
 * sends to a peer is known to nobody before the peer has received from it. So the peer has to accept
 * from a port that it has not sent to: as one without a NAT, behind a full cone, or behind a NAT that
 * filters by address. All others know each other's port, and let in what they have sent to.
 */
function meet(one: Kind, other: Kind): boolean {
  const acceptsAnyPort = (kind: Kind) =>
    kind === 'none' || kind === 'full-cone' || kind === 'address-restricted';
  if (one === 'corporate') return acceptsAnyPort(other);
  return other !== 'corporate' || acceptsAnyPort(one);
}

class Peer {
  readonly #socket: Socket;
  readonly #targets = new Map<string, SocketAddress>();
  #heard = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram, from) => {
      if (decodeStun(datagram)) return;
      this.#heard = true;
      this.aim(from);
    });
  }

  get heard(): boolean {
    return this.#heard;
  }

  aim({ address, port }: SocketAddress): void {
    this.#targets.set(`${address}:${port}`, { address, port });
  }

  send(): void {
    for (const { address, port } of this.#targets.values()) {
      this.#socket.send('punch', port, address);
    }
  }
}

/** Whether both hear each other, the second starting so much later. */
async function punch(
  devices: readonly [Device, Device],
  server: SocketAddress,
  lateMs: number,
): Promise<boolean> {
  const sockets = await Promise.all(devices.map((device) => device.udp({ address: device.ipv4 })));
  const seen = await Promise.all(
    sockets.map((socket) => new StunClient(socket).mapped(server, 5000)),
  );
  const [early, late] = sockets.map((socket) => new Peer(socket));
  const [earlySeen, lateSeen] = seen;
  assert.ok(early && late && earlySeen && lateSeen);
  early.aim(lateSeen);
  const start = performance.now();
  const both = (): boolean => early.heard && late.heard;
  for (let isLate = false; !both(); ) {
    const elapsed = performance.now() - start;
    if (!isLate && elapsed >= lateMs) {
      isLate = true;
      late.aim(earlySeen);
    }
    if (elapsed > lateMs + PATIENCE_MS) break;
    early.send();
    late.send();
    await setTimeout(INTERVAL_MS);
  }
  return both();
}

async function outcomes(one: Kind, other: Kind): Promise<boolean[]> {
  await using lab = await Lab.create();
  const server = lab.device('server', { uplink: lab.router('datacentre') });
  await using reflector = await server.reflector();
  const devices = [
    lab.device('one', { uplink: lab.router('first', { nat: one }) }),
    lab.device('other', { uplink: lab.router('second', { nat: other }) }),
  ] as const;
  return await Promise.all(STARTS_MS.map((lateMs) => punch(devices, reflector.address, lateMs)));
}

describe('Two clients behind NATs that learn of each other from a server', {
  concurrency: true,
}, () => {
  for (const [index, one] of NATS.entries()) {
    test(`${one}: meet exactly those that RFC 5128 says, whoever starts later`, async () => {
      const pairs = NATS.slice(index).map(async (other) => {
        const expected = STARTS_MS.map(() => meet(one, other));
        assert.deepEqual(await outcomes(one, other), expected, `${one} and ${other}`);
      });
      await Promise.all(pairs);
    });
  }

  test('is as the table says', () => {
    const table = NATS.map((one) => NATS.map((other) => (meet(one, other) ? '+' : '-')).join(''));
    assert.deepEqual(table, ['++++++', '++++++', '++++++', '+++++-', '+++++-', '+++---']);
  });
});
