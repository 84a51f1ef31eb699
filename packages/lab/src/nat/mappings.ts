import { nftables } from '@netweir/kernel';
import { type NatTimeouts, TCP_TRANSITORY_MS } from './timeouts.ts';

const { addSet, addToSet, constant, ctOriginal, ctReply, inSet, meta, updateSet } = nftables;
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
/** Clients whose mapping has the long idle time, for one of their connections. */
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

  /** Empty sets. */
  create(): Command[] {
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
    return [
      addSet({ ...place(PORTS), key: port }),
      addSet({ ...place(CLIENTS), key: port, data: end }),
      addSet({ ...place(MAPPINGS), key: [...client, ...destination], data: end }),
      addSet({ ...place(STREAMS), key: client }),
      ...(this.#kind.peers ? [addSet({ ...place(PEERS), key: [...port, 'ipv4_addr'] })] : []),
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
    const begun = nftables.match(nftables.ct.status, status);
    const assured = nftables.match(nftables.ct.status, 'assured');
    const renew = (protocol: string, shortMs: number, longMs: number): Statement[][] => {
      const first = [nftables.match(meta.l4proto, protocol), begun];
      return [
        [
          ...first,
          assured,
          updateSet(STREAMS, { key: streamKey, timeoutMs: longMs }),
          ...this.#elements(updateSet, party, longMs),
        ],
        // A connection that is new or closing does not cut short what another one still needs.
        [
          ...first,
          nftables.notInSet(streamKey, STREAMS),
          ...this.#elements(updateSet, party, shortMs),
        ],
      ];
    };
    return [
      ...renew('udp', udpMs, udpStreamMs),
      ...renew('tcp', TCP_TRANSITORY_MS, tcpEstablishedMs),
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
