import { type Impairment, NetweirError } from '@netweir/api';
import type { Discovery } from '@netweir/discovery';
import type { Abilities, Entry, Reachable } from '@netweir/impair';
import { isLabNode } from '../labs/impairments.ts';
import { asksIngress } from './other-end.ts';
import { keyOf, keyOfPlace, reachPeer } from './reach.ts';

export interface OtherEndsOptions {
  readonly discovery: Discovery;
  /** Those of the journal. */
  readonly entries: () => readonly Entry[];
}

/** Which ends of veth pairs do what the kernel cannot do to what the other ends receive. */
export class OtherEnds {
  readonly #options: OtherEndsOptions;

  constructor(options: OtherEndsOptions) {
    this.#options = options;
  }

  /** The other end of a veth, where it has to do what this kernel cannot do to what an interface receives. */
  neededFor(
    at: Reachable,
    impairment: Impairment,
    abilities: () => Abilities,
  ): Reachable | undefined {
    const { engine } = impairment;
    if (isLabNode(at) || engine === 'userspace' || !asksIngress(impairment)) return undefined;
    const { ifb, userspace } = abilities();
    const canEngine = userspace && engine !== 'kernel' && !impairment.persist;
    return ifb || canEngine ? undefined : reachPeer(this.#options.discovery, at);
  }

  /** The other end, where it does something in place of this one. */
  usedFor(at: Reachable): Reachable | undefined {
    if (isLabNode(at)) return undefined;
    const end = reachPeer(this.#options.discovery, at);
    return end && this.#insteadOf(end) === keyOf(at) ? end : undefined;
  }

  /** What one end does in place of the other is changed there. @throws NetweirError `invalid-combination` */
  refuseInstead(at: Reachable): void {
    if (isLabNode(at) || this.#insteadOf(at) === undefined) return;
    throw new NetweirError(
      'invalid-combination',
      `what ${at.space}/${at.interface} sends is impaired already, as what the other end of its veth receives`,
      { remedy: 'Set the other end instead, or clear this one first.' },
    );
  }

  /** @throws NetweirError `invalid-combination` where the other end is impaired itself */
  refuseTaken(at: Reachable, end: Reachable): void {
    if (!this.#entryOf(end) || this.#insteadOf(end) === keyOf(at)) return;
    throw new NetweirError(
      'invalid-combination',
      `this kernel has no ifb, so that what ${at.interface} receives would be impaired at the other end of its veth, ${end.space}/${end.interface}, which is impaired itself`,
      { remedy: 'Clear the other end first, or set there what it is to send.' },
    );
  }

  #insteadOf(end: Reachable): string | undefined {
    return this.#entryOf(end)?.setting.insteadOf;
  }

  #entryOf(end: Reachable): Entry | undefined {
    return this.#options.entries().find(({ place }) => keyOfPlace(place) === keyOf(end));
  }
}
