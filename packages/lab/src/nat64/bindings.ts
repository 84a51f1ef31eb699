import { readU16 } from '@netweir/kernel';
import { IPPROTO_ICMP, IPPROTO_TCP, IPPROTO_UDP } from './packet.ts';
import { firstTcp, nextTcp, type Side, SYN, type TcpState } from './tcp-session.ts';

/** RFC 6146 section 4: UDP_DEFAULT and ICMP_DEFAULT, in milliseconds. */
const LIFETIME_MS: Readonly<Record<number, number>> = {
  [IPPROTO_UDP]: 300_000,
  [IPPROTO_ICMP]: 60_000,
};
const SWEEP_MS = 10_000;
const FIRST_UNPRIVILEGED = 1024;
const PORTS = 0x1_0000;
/** Of one binding; where there are more, the one that began first is not followed any more. */
const MAX_SESSIONS = 4096;

/** What a client's port (of an echo: its identifier) is on the IPv4 side. */
export interface Binding {
  /** As in IPv4. */
  readonly protocol: number;
  /** 16 bytes. */
  readonly client: Uint8Array;
  readonly clientPort: number;
  /** Of the translator's own IPv4 address. */
  readonly port: number;
}

/** The IPv4 host at the other end; 0 is the port of an echo. */
export interface Remote {
  /** 4 bytes. */
  readonly address: Uint8Array;
  readonly port: number;
}

interface Session {
  state: TcpState;
  endsAt: number;
}

interface Bound extends Binding {
  readonly key: string;
  /** By the remote's address and port. */
  readonly sessions: Map<number, Session>;
  /** When the last of its sessions ends. */
  endsAt: number;
}

/**
 * Which ports of the translator's address belong to whom (RFC 6146 section 3: the binding information base
 * and the session tables). A client's port has one port for all destinations. It is the same if that
 * is free, else one of the same parity, and below 1024 or not as the client's is.
 */
export class Bindings {
  readonly #now: () => number;
  readonly #byClient = new Map<string, Bound>();
  /** By the protocol and the port of the translator. */
  readonly #byPort = new Map<number, Bound>();
  #sweptAt = 0;

  /** `now` gives milliseconds of a clock that only goes forward. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * For a packet of a client: its binding, a new one if need be; undefined where none may be made (of TCP
   * only the first packet of a connection may) or no port is left.
   */
  outward(
    protocol: number,
    client: Uint8Array,
    clientPort: number,
    remote: Remote,
    tcpFlags: number,
  ): Binding | undefined {
    const bound =
      this.ofClient(protocol, client, clientPort) ??
      (protocol !== IPPROTO_TCP || tcpFlags & SYN
        ? this.#bind(protocol, client, clientPort)
        : undefined);
    if (bound) this.#note(bound as Bound, remote, 'v6', tcpFlags);
    return bound;
  }

  /** For a packet to the translator's address: whose it is. */
  inward(protocol: number, port: number, remote: Remote, tcpFlags: number): Binding | undefined {
    const bound = this.ofPort(protocol, port);
    if (bound) this.#note(bound as Bound, remote, 'v4', tcpFlags);
    return bound;
  }

  /** The binding of a client's port, which lives no longer for that. */
  ofClient(protocol: number, client: Uint8Array, clientPort: number): Binding | undefined {
    return this.#unlessEnded(this.#byClient.get(clientKey(protocol, client, clientPort)));
  }

  /** The binding of a port of the translator, which lives no longer for that. */
  ofPort(protocol: number, port: number): Binding | undefined {
    return this.#unlessEnded(this.#byPort.get(portKey(protocol, port)));
  }

  #bind(protocol: number, client: Uint8Array, clientPort: number): Bound | undefined {
    this.#sweep();
    const port = this.#freePort(protocol, clientPort);
    if (port === undefined) return undefined;
    const bound: Bound = {
      protocol,
      client: client.slice(),
      clientPort,
      port,
      key: clientKey(protocol, client, clientPort),
      sessions: new Map(),
      endsAt: 0,
    };
    this.#byClient.set(bound.key, bound);
    this.#byPort.set(portKey(protocol, port), bound);
    return bound;
  }

  /** RFC 6146 section 3.5.1.1; an identifier of an echo may be any (section 3.5.3). */
  #freePort(protocol: number, wanted: number): number | undefined {
    const isEcho = protocol === IPPROTO_ICMP;
    const step = isEcho ? 1 : 2;
    const isLow = wanted < FIRST_UNPRIVILEGED && !isEcho;
    const first = (isLow || isEcho ? 0 : FIRST_UNPRIVILEGED) + (wanted % step);
    const count = ((isLow ? FIRST_UNPRIVILEGED : PORTS) - first) / step;
    for (let index = 0; index < count; index++) {
      const port = first + ((wanted - first + step * index) % (step * Math.ceil(count)));
      if ((port > 0 || isEcho) && !this.ofPort(protocol, port)) return port;
    }
    return undefined;
  }

  /** Notes that a packet passes. */
  #note(bound: Bound, remote: Remote, side: Side, tcpFlags: number): void {
    const key = remoteKey(remote);
    const now = this.#now();
    const session = bound.sessions.get(key);
    const known = session && session.endsAt > now ? session : undefined;
    const { state, lifetimeMs } = change(bound.protocol, known?.state, side, tcpFlags);
    const endsAt = lifetimeMs === undefined ? (known?.endsAt ?? now) : now + lifetimeMs;
    if (session) Object.assign(session, { state, endsAt });
    else addSession(bound.sessions, key, { state, endsAt });
    if (endsAt >= bound.endsAt) bound.endsAt = endsAt;
    else if (known && lifetimeMs !== undefined) bound.endsAt = lastEnd(bound);
  }

  #unlessEnded(bound: Bound | undefined): Bound | undefined {
    if (bound && bound.endsAt <= this.#now()) {
      this.#forget(bound);
      return undefined;
    }
    return bound;
  }

  #forget(bound: Bound): void {
    this.#byClient.delete(bound.key);
    this.#byPort.delete(portKey(bound.protocol, bound.port));
  }

  /** What has ended is taken out now and then, while new ones come. */
  #sweep(): void {
    const now = this.#now();
    if (now < this.#sweptAt + SWEEP_MS) return;
    this.#sweptAt = now;
    for (const bound of this.#byClient.values()) {
      if (bound.endsAt <= now) this.#forget(bound);
      for (const [key, { endsAt }] of bound.sessions) {
        if (endsAt <= now) bound.sessions.delete(key);
      }
    }
  }
}

function addSession(sessions: Map<number, Session>, key: number, session: Session): void {
  const [oldest] = sessions.size < MAX_SESSIONS ? [] : sessions.keys();
  if (oldest !== undefined) sessions.delete(oldest);
  sessions.set(key, session);
}

function change(
  protocol: number,
  state: TcpState | undefined,
  side: Side,
  tcpFlags: number,
): { state: TcpState; lifetimeMs: number | undefined } {
  if (protocol !== IPPROTO_TCP) {
    return { state: 'established', lifetimeMs: LIFETIME_MS[protocol] };
  }
  return state === undefined ? firstTcp(side, tcpFlags) : nextTcp(state, side, tcpFlags);
}

function lastEnd({ sessions }: Bound): number {
  return Math.max(...[...sessions.values()].map(({ endsAt }) => endsAt));
}

function clientKey(protocol: number, client: Uint8Array, port: number): string {
  const a = String.fromCharCode(readU16(client, 0), readU16(client, 2), readU16(client, 4));
  const b = String.fromCharCode(readU16(client, 6), readU16(client, 8), readU16(client, 10));
  return a + b + String.fromCharCode(readU16(client, 12), readU16(client, 14), protocol, port);
}

function portKey(protocol: number, port: number): number {
  return protocol * 0x1_0000 + port;
}

function remoteKey({ address, port }: Remote): number {
  const [high, low] = [readU16(address, 0), readU16(address, 2)];
  return (high * 0x1_0000 + low) * 0x1_0000 + port;
}
