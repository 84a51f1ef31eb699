import type { Server as TcpServer } from 'node:net';
import type { Activities } from '../code/activities.ts';
import { listen, openUdp, type SocketAddress } from '../code/sockets.ts';
import type { NetworkStack } from '../stack/network-stack.ts';
import { answerTcp, answerUdp, type Places, type UdpPlace } from './answer.ts';

/** Where a reflector answers. */
export interface ReflectorOptions {
  /** One address of the node; all that it has by default. */
  readonly address?: string;
  /** 3478 by default, that of STUN; 0 takes one that is free. */
  readonly port?: number;
  /**
   * A second address of the node and a second port, with which STUN clients find out what a translator does
   * (RFC 5780): answers come from there where they ask for it. Goes with `address`.
   */
  readonly alternate?: SocketAddress;
}

const STUN_PORT = 3478;
const RT_SCOPE_UNIVERSE = 0;

type Place = UdpPlace & { readonly tcp: TcpServer };

/** Something that tells clients how they are seen, inside a node and on this event loop. */
export class Reflector {
  /**
   * Where it answers; IPv4 first. With an alternate place: first itself, then its address with the other port,
   * the other address with its port, and the alternate place.
   */
  readonly addresses: readonly SocketAddress[];
  readonly #activities: Activities;

  /** Reflectors are made by nodes; `activities` are its sockets. */
  constructor(addresses: readonly SocketAddress[], activities: Activities) {
    this.addresses = addresses;
    this.#activities = activities;
  }

  /** The first of its addresses. */
  get address(): SocketAddress {
    const [first] = this.addresses;
    if (!first) throw new TypeError('a reflector answers somewhere');
    return first;
  }

  /** Stops answering, also those who are connected; a second call does nothing. */
  async close(): Promise<void> {
    await this.#activities.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** @throws {KernelError} EADDRINUSE, EADDRNOTAVAIL */
export async function startReflector(
  stack: NetworkStack,
  activities: Activities,
  { address, port = STUN_PORT, alternate }: ReflectorOptions,
): Promise<Reflector> {
  const own = activities.part();
  const places: Place[] = [];
  const open = async (at: SocketAddress): Promise<number> => {
    const udp = await openUdp(stack.namespace, own, at);
    const place = { address: at.address, port: udp.address().port };
    places.push({ ...place, udp, tcp: await listen(stack.namespace, own, place) });
    return place.port;
  };
  try {
    let chosen = port;
    for (const each of address === undefined ? addressesOf(stack) : [address]) {
      chosen = await open({ address: each, port: chosen });
    }
    if (alternate && address !== undefined) {
      await open({ address, port: alternate.port });
      await open({ address: alternate.address, port: chosen });
      await open(alternate);
    }
  } catch (error) {
    await own.stop();
    throw error;
  }
  for (const place of places) {
    answerUdp(place, alternate && squareOf(places));
    place.tcp.on('connection', answerTcp);
  }
  return new Reflector(
    places.map(({ address: at, port: number }) => ({ address: at, port: number })),
    own,
  );
}

/** Two addresses and two ports, and every combination of them. */
function squareOf(places: readonly Place[]): Places {
  return {
    changed: (from, change) => {
      const found = places.find(
        ({ address, port }) =>
          (address !== from.address) === change.address && (port !== from.port) === change.port,
      );
      if (!found) throw new TypeError('a reflector has both addresses at both ports');
      return found;
    },
  };
}

function addressesOf(stack: NetworkStack): string[] {
  return stack
    .addresses()
    .filter(({ scope, tentative }) => scope === RT_SCOPE_UNIVERSE && !tentative)
    .toSorted((a, b) => a.family - b.family)
    .map(({ address }) => address);
}
