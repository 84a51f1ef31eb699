import { NetweirError } from './errors/netweir-error.ts';
import type { Interface, Inventory } from './inventory.ts';
import type { Selected } from './select.ts';

/** Where on the way of a container's packets an impairment is put. */
export type At = 'container' | 'host' | 'bridge';

/** The interface to put it on, and one sentence of what that affects. */
export interface ApplicationPoint {
  readonly selected: Selected;
  readonly explain: string;
}

/**
 * The interface itself, the other end of its veth pair, or the bridge that this end is a port of.
 * Directions are as seen from the interface that is returned.
 *
 * @throws NetweirError `no-such-interface` where there is none
 */
export function applicationPoint(
  inventory: Inventory,
  selected: Selected,
  at: At,
): ApplicationPoint {
  if (at === 'container') {
    const explain = `${nameOf(selected)} is impaired itself: its egress is what ${selected.space.id} sends there, its ingress what it receives.`;
    return { selected, explain };
  }
  const end = otherEnd(inventory, selected.interface);
  if (!end) throw noOtherEnd(selected);
  if (at === 'host') {
    const explain = `${nameOf(end)} is the other end of ${nameOf(selected)}: its egress is what ${selected.space.id} receives there, its ingress what it sends.`;
    return { selected: end, explain };
  }
  const bridge = bridgeOf(end);
  if (!bridge) throw noBridge(end, selected);
  return { selected: bridge, explain: explainBridge(bridge, selected) };
}

/** The other end of a veth pair; undefined where it is none, or its namespace is not known. */
export function otherEnd({ spaces }: Inventory, { peer }: Interface): Selected | undefined {
  const space = spaces.find(({ id }) => id === peer?.space);
  const one = space?.interfaces.find(({ ifindex }) => ifindex === peer?.ifindex);
  return space && one && { space, interface: one };
}

/** The bridge that an interface is a port of. */
export function bridgeOf({ space, interface: { master } }: Selected): Selected | undefined {
  const bridge = space.interfaces.find(({ name, kind }) => name === master && kind === 'bridge');
  return bridge && { space, interface: bridge };
}

function noOtherEnd(selected: Selected): NetweirError {
  const { kind } = selected.interface;
  return nowhere(
    kind === 'veth'
      ? `the other end of ${nameOf(selected)} is not known: it is in a namespace that netweir does not see`
      : `${nameOf(selected)} is no veth but ${kind}, and has no other end`,
  );
}

function noBridge(end: Selected, selected: Selected): NetweirError {
  const { master } = end.interface;
  const found = master === null ? 'in none' : `in ${master}, which is no bridge`;
  return nowhere(
    `${nameOf(selected)} leads to no bridge: its other end, ${nameOf(end)}, is ${found}`,
  );
}

/**
 * The kernel forwards frames from port to port without passing the bridge's own interface, so that
 * only what the host sends, receives and routes is impaired there.
 */
function explainBridge(bridge: Selected, { interface: { network } }: Selected): string {
  const all = network ? `all containers on ${network.name}` : 'all that is on it';
  const beyond = network?.internal
    ? `${network.name} is internal, so that is only what the host itself exchanges with them`
    : 'what they exchange with one another does not pass it';
  return `${nameOf(bridge)} is a bridge: its egress is what ${all} receive through the host, its ingress what they send there; ${beyond}.`;
}

function nameOf({ space, interface: { name } }: Selected): string {
  return `${space.id}/${name}`;
}

function nowhere(message: string): NetweirError {
  return new NetweirError('no-such-interface', message, {
    remedy: 'Impair the interface itself: `--at container`, which is the default.',
  });
}
