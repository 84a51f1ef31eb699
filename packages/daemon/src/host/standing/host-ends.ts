import type { Container } from '@netweir/api';
import type { DiscoveredInterface, DiscoveredSpace } from '@netweir/discovery';
import type { Memory, Remembered } from './memory.ts';

/** An interface, and where it is. */
export type End = readonly [space: DiscoveredSpace, one: DiscoveredInterface];

/** The other end of a veth pair; undefined where it is none, or not known. */
export type PeerOf = (one: DiscoveredInterface) => End | undefined;

/**
 * What people set at the host's end of a container's veth pair. A container that starts anew has a new
 * pair, so that it is known again by the container's end.
 */
export class HostEnds {
  readonly #memory: Memory;
  readonly #peerOf: PeerOf;
  /** The indexes of the ends that are as they are to be, by those of the containers' ends. */
  readonly #settled = new WeakMap<DiscoveredSpace, Map<number, number>>();

  constructor(memory: Memory, peerOf: PeerOf) {
    this.#memory = memory;
    this.#peerOf = peerOf;
  }

  /** A person has set something there; returns the container's end, if it has one. */
  set(end: DiscoveredInterface, remembered: Remembered): End | undefined {
    const found = this.#insideOf(end);
    if (!found) return undefined;
    const { container, inside } = found;
    this.#memory.put(container, inside[1], remembered, 'host');
    this.#settle(inside, end);
    return inside;
  }

  /** What a person set there is over; returns the container's end, if it has one. */
  forget(end: DiscoveredInterface): End | undefined {
    const found = this.#insideOf(end);
    if (found) this.#memory.delete(found.container, found.inside[1], 'host');
    return found?.inside;
  }

  /** What is to be done, once, at the host's end of a container's interface. */
  due(
    container: Container,
    inside: End,
  ): { readonly end: End; readonly remembered: Remembered } | undefined {
    const [space, one] = inside;
    const remembered = this.#memory.find(container, one, 'host');
    const end = remembered && this.#peerOf(one);
    if (!end || containerOf(end[0])) return undefined;
    if (this.#settled.get(space)?.get(one.ifindex) === end[1].ifindex) return undefined;
    this.#settle(inside, end[1]);
    return { end, remembered };
  }

  #insideOf(
    end: DiscoveredInterface,
  ): { readonly container: Container; readonly inside: End } | undefined {
    const inside = this.#peerOf(end);
    const container = inside && containerOf(inside[0]);
    return container && { container, inside };
  }

  #settle([space, { ifindex }]: End, end: DiscoveredInterface): void {
    const settled = this.#settled.get(space) ?? new Map<number, number>();
    settled.set(ifindex, end.ifindex);
    this.#settled.set(space, settled);
  }
}

/** The container that decides what is done in a space; the host's interfaces are nobody's. */
export function containerOf({ kind, containers }: DiscoveredSpace): Container | undefined {
  return kind === 'host' ? undefined : containers[0];
}
