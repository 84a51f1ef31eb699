import { type ConntrackEntry, IPS_SRC_NAT, type nftables } from '@netweir/kernel';

/** An address and a port. */
export interface End {
  readonly address: string;
  readonly port: number;
}

/** A connection that a client began and that conntrack goes on translating. */
export interface StandingFlow {
  readonly protocol: number;
  readonly client: End;
  readonly external: End;
  /** What the client began to send to. */
  readonly destination: End;
  /** Who answers. */
  readonly peer: string;
  /** Until conntrack forgets it. */
  readonly timeoutMs: number;
}

/** Those of conntrack's entries whose source is an external address; what is longest to stay comes first. */
export function standingFlows(
  entries: readonly ConntrackEntry[],
  externalAddress: string,
): StandingFlow[] {
  return entries
    .flatMap(({ original, reply, status, timeoutS = 0 }) => {
      const { sourcePort, destinationPort } = original;
      const isTranslated = status & IPS_SRC_NAT && reply.destination === externalAddress;
      if (!isTranslated || timeoutS === 0) return [];
      if (sourcePort === undefined || destinationPort === undefined) return [];
      return {
        protocol: original.protocol,
        client: { address: original.source, port: sourcePort },
        external: { address: externalAddress, port: reply.destinationPort ?? 0 },
        destination: { address: original.destination, port: destinationPort },
        peer: reply.source,
        timeoutMs: timeoutS * 1000,
      };
    })
    .toSorted((a, b) => b.timeoutMs - a.timeoutMs);
}

/** Elements of the flows, the first of each key. */
export function distinct(
  flows: readonly StandingFlow[],
  elementOf: (flow: StandingFlow) => nftables.NewElement,
): nftables.NewElement[] {
  const elements = new Map<string, nftables.NewElement>();
  for (const element of flows.map(elementOf)) {
    const key = JSON.stringify(element.key);
    if (!elements.has(key)) elements.set(key, element);
  }
  return [...elements.values()];
}

export const words = ({ address, port }: End): [string, number] => [address, port];
