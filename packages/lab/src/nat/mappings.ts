import { nftables } from '@netweir/kernel';
import { distinct, type StandingFlow, words } from './standing-flows.ts';
import { type NatTimeouts, TCP_TRANSITORY_MS } from './timeouts.ts';

const { addSet, addToSet, constant, inSet, match, unless, updateSet } = nftables;
const { ct, ctOriginal, ctReply, meta } = nftables;
type Command = nftables.Command;
type Selector = nftables.Selector;
type Statement = nftables.Statement;

/** The table of a router's translation of IPv4. */
export const TABLE = { family: 'ip', table: 'netweir_nat' } as const;

/** Every port of both protocols. */
const SIZE = 131_072;

/** External ports that some client has. */
const PORTS = 'ports';
/** Which client has an external port. */
const CLIENTS = 'clients';
/** Which external address and port a client has: for all destinations, or for one. */
const MAPPINGS = 'mappings';
/** Clients with a conversation by UDP whose idle time is the long one. */
const STREAMS = 'streams';
/** Whom the client of an external port has sent to. */
const PEERS = 'peers';

/** What of the NAT's kind concerns its memory. */
export interface MappingKind {
  readonly perDestination: boolean;
  /** Whether addresses of peers are remembered, to let in only them. */
  readonly peers: boolean;
}

/** What says whose connection a packet belongs to; the same in both directions. */
interface Party {
  /** Address and port, inside. */
  readonly client: readonly [Selector, Selector];
  readonly externalPort: Selector;
  readonly peerAddress: Selector;
  /** Address and port that the client began to send to; undefined where the peer began. */
  readonly destination: readonly [Selector, Selector] | undefined;
}

const BEGUN_INSIDE: Party = {
  client: [ctOriginal.saddr, ctOriginal.protoSrc],
  externalPort: ctReply.protoDst,
  peerAddress: ctReply.saddr,
  destination: [ctOriginal.daddr, ctOriginal.protoDst],
};

const BEGUN_OUTSIDE: Party = {
  client: [ctReply.saddr, ctReply.protoSrc],
  externalPort: ctOriginal.protoDst,
  peerAddress: ctOriginal.saddr,
  destination: undefined,
};

/**
 * The memory of a NAT, in sets of its nftables table: which client has which external port, and back.
 * Conntrack by itself would give one external port to two clients that send to different destinations, and
 * knows nothing of a client's other connections.
 */
export class Mappings {
  readonly #kind: MappingKind;
  readonly #external: Selector;
  readonly #timeouts: NatTimeouts;

  constructor(kind: MappingKind, address: string, timeouts: NatTimeouts) {
    this.#kind = kind;
    this.#external = constant('ipv4_addr', address);
    this.#timeouts = timeouts;
  }

  /** The sets, in which the ports of flows that stand already are taken. */
  create(standing: readonly StandingFlow[]): Command[] {
    const place = (set: string) => ({
      ...TABLE,
      set,
      dynamic: true,
      timeoutMs: this.#timeouts.udpMs,
      size: SIZE,
    });
    const port = ['inet_proto', 'inet_service'] as const;
    const client = ['inet_proto', 'ipv4_addr', 'inet_service'] as const;
    const end = ['ipv4_addr', 'inet_service'] as const;
    const destination = this.#kind.perDestination ? end : [];
    const elements = (of: (flow: StandingFlow) => nftables.NewElement) => distinct(standing, of);
    return [
      addSet({
        ...place(PORTS),
        key: port,
        elements: elements(({ protocol, external, timeoutMs }) => ({
          key: [protocol, external.port],
          timeoutMs,
        })),
      }),
      addSet({
        ...place(CLIENTS),
        key: port,
        data: end,
        elements: elements(({ protocol, external, client: { address, port: own }, timeoutMs }) => ({
          key: [protocol, external.port],
          data: [address, own],
          timeoutMs,
        })),
      }),
      addSet({
        ...place(MAPPINGS),
        key: [...client, ...destination],
        data: end,
        elements: elements((flow) => ({
          key: [
            flow.protocol,
            ...words(flow.client),
            ...(this.#kind.perDestination ? words(flow.destination) : []),
          ],
          data: words(flow.external),
          timeoutMs: flow.timeoutMs,
        })),
      }),
      addSet({ ...place(STREAMS), key: client }),
      ...(this.#kind.peers
        ? [
            addSet({
              ...place(PEERS),
              key: [...port, 'ipv4_addr'],
              elements: elements(({ protocol, external, peer, timeoutMs }) => ({
                key: [protocol, external.port, peer],
                timeoutMs,
              })),
            }),
          ]
        : []),
    ];
  }

  /** Goes on where nobody has the external port. */
  isFree(port: Selector): Statement {
    return nftables.notInSet([meta.l4proto, port], PORTS);
  }

  /** Gives the external port to the client of the packet. */
  remember(port: Selector): Statement[] {
    return this.#elements(addToSet, { ...BEGUN_INSIDE, externalPort: port });
  }

  /** Translates the source as was remembered; goes on where nothing was. */
  toMapped(): Statement {
    return nftables.snatToMap({
      key: this.#mappingKey(BEGUN_INSIDE),
      map: MAPPINGS,
      withPort: true,
    });
  }

  /** Translates the destination to the client that has the port; goes on where nobody has. */
  toClient(): Statement {
    const key = [meta.l4proto, nftables.th.dport];
    return nftables.dnatToMap({ key, map: CLIENTS, withPort: true });
  }

  /** Goes on where the client has sent to the address that a connection from outside is from. */
  hasSentTo(): Statement {
    const { externalPort, peerAddress } = BEGUN_OUTSIDE;
    return inSet([meta.l4proto, externalPort, peerAddress], PEERS);
  }

  /**
   * What renews the mapping of each packet that passes, as rules, so that it lives as long as conntrack
   * knows a connection of it.
   */
  renewals(): Statement[][] {
    return [...this.#renewals('snat', BEGUN_INSIDE), ...this.#renewals('dnat', BEGUN_OUTSIDE)];
  }

  #renewals(status: 'snat' | 'dnat', party: Party): Statement[][] {
    const { udpMs, udpStreamMs, tcpEstablishedMs } = this.#timeouts;
    const streamKey = [meta.l4proto, ...party.client];
    const begun = match(ct.status, status);
    const assured = match(ct.status, 'assured');
    const of = (protocol: string) => [match(meta.l4proto, protocol), begun];
    const isTransitory = match(ct.expiration, { from: 0, to: TCP_TRANSITORY_MS });
    const stands = [assured, unless(ct.expiration, { from: 0, to: TCP_TRANSITORY_MS })];
    const transitoryMs = Math.min(TCP_TRANSITORY_MS, tcpEstablishedMs);
    return [
      [
        ...of('udp'),
        assured,
        updateSet(STREAMS, { key: streamKey, timeoutMs: udpStreamMs }),
        ...this.#elements(updateSet, party, udpStreamMs),
      ],
      // A conversation that nobody has answered yet does not cut short what another one needs.
      [
        ...of('udp'),
        nftables.notInSet(streamKey, STREAMS),
        ...this.#elements(updateSet, party, udpMs),
      ],
      [...of('tcp'), ...stands, ...this.#elements(updateSet, party, tcpEstablishedMs)],
      [...of('tcp'), isTransitory, ...this.#elements(updateSet, party, transitoryMs)],
    ];
  }

  #elements(change: typeof updateSet, party: Party, timeoutMs?: number): Statement[] {
    const timeout = timeoutMs === undefined ? {} : { timeoutMs };
    const port = [meta.l4proto, party.externalPort];
    const mapped =
      this.#kind.perDestination && !party.destination
        ? []
        : [
            change(MAPPINGS, {
              key: this.#mappingKey(party),
              data: [this.#external, party.externalPort],
              ...timeout,
            }),
          ];
    return [
      change(PORTS, { key: port, ...timeout }),
      change(CLIENTS, { key: port, data: party.client, ...timeout }),
      ...mapped,
      ...(this.#kind.peers
        ? [change(PEERS, { key: [...port, party.peerAddress], ...timeout })]
        : []),
    ];
  }

  #mappingKey({ client, destination }: Party): Selector[] {
    const to = this.#kind.perDestination && destination ? destination : [];
    return [meta.l4proto, ...client, ...to];
  }
}
