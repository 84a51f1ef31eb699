import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { IpFamily } from '@netweir/kernel';
import { openUdp, type SocketAddress } from '../code/sockets.ts';
import type { Member } from '../node/member.ts';
import type { Change } from '../stun/binding.ts';
import { StunClient } from '../stun/client.ts';
import { filteringOf, mappingOf, type NatClass, nameOf, type Sightings } from './nat-class.ts';
import { openVantage } from './vantage.ts';

/** How a node finds out what translates. */
export interface ClassifyOptions {
  /** IPv4 by default; IPv6 in a network without IPv4. */
  readonly family?: IpFamily;
  /**
   * The server's port, whose successor is used too: 3478 by default. For firewalls that let only some ports
   * out.
   */
  readonly port?: number;
  /** For each answer that has to come; 3,000 by default. */
  readonly timeoutMs?: number;
}

const STUN_PORT = 3478;
const TIMEOUT_MS = 3000;
/** How often is asked what may stay without an answer, so that a loss is not taken for a filter. */
const ROUNDS = 3;
/** What one server sends after another's answer came is not waited for longer than this, or the round trip. */
const GRACE_MS = 20;

/** A server with two addresses and two ports. */
interface Places {
  readonly first: SocketAddress;
  readonly otherAddress: SocketAddress;
  readonly otherPort: SocketAddress;
}

interface Context {
  readonly places: Places;
  readonly timeoutMs: number;
  /** Opens a UDP socket of the node at the address from which the server is reached. */
  open(): Promise<UdpSocket>;
}

/** A socket that a server has seen. */
interface Seen {
  readonly client: StunClient;
  readonly local: SocketAddress;
  readonly mapped: SocketAddress;
  /** How long what a server sends may come after something else that it sent. */
  readonly graceMs: number;
}

/**
 * Finds out what is between a node and the exchange, as RFC 5780 says.
 * @throws {LabError} ERR_LAB_NO_ANSWER, ERR_LAB_NO_INTERFACE, ERR_LAB_ADDRESSES_EXHAUSTED
 */
export async function classifyNat(
  node: Member,
  { family = familyOf(node), port = STUN_PORT, timeoutMs = TIMEOUT_MS }: ClassifyOptions,
): Promise<NatClass> {
  const vantage = await openVantage(node, { family, port });
  const own = node.activities.part();
  try {
    const { namespace } = node.stack;
    const places = placesOf(vantage.reflector.addresses);
    const any = await openUdp(namespace, own, { address: family === 4 ? '0.0.0.0' : '::' });
    const address = await addressTowards(any, places.first);
    const open = (): Promise<UdpSocket> => openUdp(namespace, own, { address });
    return await classify({ places, timeoutMs, open });
  } finally {
    await own.stop();
    await vantage.close();
  }
}

async function classify(context: Context): Promise<NatClass> {
  const [sightings, fromOtherAddress, fromOtherPort, hairpin] = await Promise.all([
    sight(context),
    hears(context, { address: true, port: true }),
    hears(context, { address: false, port: true }),
    reachesItself(context),
  ]);
  const mapping = mappingOf(sightings);
  const filtering = filteringOf({ fromOtherAddress, fromOtherPort });
  const { local, first, otherAddress, otherPort } = sightings;
  const isPreserving = [first, otherAddress, otherPort].every(({ port }) => port === local.port);
  return {
    name: nameOf(mapping, filtering),
    mapping,
    filtering,
    ports: isPreserving ? 'preserving' : 'random',
    hairpin: hairpin && mapping !== 'none',
    externalAddress: first.address,
  };
}

async function sight(context: Context): Promise<Sightings> {
  const { places, timeoutMs } = context;
  const { client, local, mapped } = await introduce(context);
  const otherAddress = await client.mapped(places.otherAddress, timeoutMs);
  const otherPort = await client.mapped(places.otherPort, timeoutMs);
  return { local, first: mapped, otherAddress, otherPort };
}

/** Whether an answer comes from where nothing was sent to. */
async function hears(context: Context, change: Change): Promise<boolean> {
  const { client, graceMs } = await introduce(context);
  using question = client.question(context.places.first, change);
  for (let round = 0; round < ROUNDS; round++) {
    question.send();
    // This answer has left after that which is waited for: the way is free, and its time is over.
    await client.mapped(context.places.first, context.timeoutMs);
    if (await question.within(graceMs)) return true;
  }
  return false;
}

/** Whether two sockets reach each other by their external addresses (RFC 5780 section 4.5). */
async function reachesItself(context: Context): Promise<boolean> {
  const [one, other] = await Promise.all([introduce(context), introduce(context)]);
  using there = one.client.question(other.mapped);
  using back = other.client.question(one.mapped);
  for (let round = 0; round < ROUNDS; round++) {
    // Each sends to the other, as for one that accepts only from whom it has sent to.
    there.send();
    back.send();
    await one.client.mapped(context.places.first, context.timeoutMs);
    await setTimeout(one.graceMs);
    if (other.client.hasReceived(there) || one.client.hasReceived(back)) return true;
  }
  return false;
}

/** A new socket, which the server has seen. */
async function introduce({ open, places, timeoutMs }: Context): Promise<Seen> {
  const socket = await open();
  const client = new StunClient(socket);
  // The first way may take longer, while neighbours are asked for.
  await client.mapped(places.first, timeoutMs);
  const startMs = performance.now();
  const mapped = await client.mapped(places.first, timeoutMs);
  const graceMs = Math.max(GRACE_MS, performance.now() - startMs);
  return { client, local: socket.address(), mapped, graceMs };
}

/** The node's own address from which a place is reached. */
async function addressTowards(
  socket: UdpSocket,
  { address, port }: SocketAddress,
): Promise<string> {
  socket.connect(port, address);
  await once(socket, 'connect');
  return socket.address().address;
}

function familyOf({ defaultPlug }: Member): IpFamily {
  return defaultPlug && !defaultPlug.lan.has(4) ? 6 : 4;
}

function placesOf([first, , otherAddress, otherPort]: readonly SocketAddress[]): Places {
  if (!first || !otherAddress || !otherPort) throw new TypeError('a vantage has four places');
  return { first, otherAddress, otherPort };
}
