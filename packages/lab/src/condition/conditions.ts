import type { EngineChoice, LinkConditions, Mechanism } from '@netweir/api';
import { alsoFailed, type Impairer, type Reachable } from '@netweir/impair';
import type { NetworkStack } from '../stack/network-stack.ts';
import { ImpairerLease } from './shared-impairer.ts';
import { type ConditionWays, waysOf } from './ways.ts';

/** An interface at one end of a link. */
export interface LinkEnd {
  readonly stack: NetworkStack;
  readonly name: string;
  readonly ifindex: number;
}

/** A link as seen from one end. */
export interface Link {
  readonly near: LinkEnd;
  /** Of another node, or a port of a switch. */
  readonly far: LinkEnd;
}

/**
 * What an interface does to its packets now, each way as seen from it, and what does it: a qdisc of the
 * kernel's or the userspace engine. `egress` and `ingress` may be set again as they are.
 */
export interface ConditionsInForce extends ConditionWays {
  readonly egressMechanism: Mechanism | null;
  readonly ingressMechanism: Mechanism | null;
}

const CLEAN: ConditionsInForce = {
  egress: null,
  ingress: null,
  egressMechanism: null,
  ingressMechanism: null,
};

/**
 * The conditions of one lab's links. What an end of a link receives is what the other end sends, so that
 * each way is put on what is sent, which the kernel's qdiscs can do, too.
 */
export class Conditions {
  readonly #engine: EngineChoice;
  #lease: ImpairerLease | undefined;

  constructor(engine: EngineChoice) {
    this.#engine = engine;
  }

  /**
   * Has a link do this and nothing else; what is on its way stays. Where one way cannot be had, neither
   * is changed.
   * @throws NetweirError
   */
  set({ near, far }: Link, conditions: LinkConditions | null): void {
    const { egress, ingress } = waysOf(conditions);
    if (!this.#existing && !egress && !ingress) return;
    const before = this.#impairer.report(reachable(near));
    this.#bring(near, { egress, ingress: null });
    try {
      this.#bring(far, { egress: ingress, ingress: null });
    } catch (error) {
      try {
        this.#bring(near, { egress: before.egress, ingress: null });
      } catch (second) {
        throw alsoFailed(error, second);
      }
      throw error;
    }
  }

  /** Both ends in one. @throws NetweirError */
  inForce({ near, far }: Link): ConditionsInForce {
    const impairer = this.#existing;
    if (!impairer) return CLEAN;
    const here = impairer.report(reachable(near));
    const there = impairer.report(reachable(far));
    // What an end receives is put there only by others than the lab.
    return {
      egress: here.egress ?? there.ingress,
      ingress: there.egress ?? here.ingress,
      egressMechanism: here.egressMechanism ?? there.ingressMechanism,
      ingressMechanism: there.egressMechanism ?? here.ingressMechanism,
    };
  }

  /** Gives a link's token buckets, which must hold its largest packet, the size for a new MTU. */
  adapt(link: Link): void {
    const { egress, ingress, egressMechanism, ingressMechanism } = this.inForce(link);
    if (egressMechanism === 'tbf' || ingressMechanism === 'tbf')
      this.set(link, { egress, ingress });
  }

  /** Lets go of a link that is about to be taken away. */
  forget({ near, far }: Link): void {
    for (const { stack, ifindex } of [near, far]) this.#forget(stack, ifindex);
  }

  /** Lets go of all links of a stack, which could not end otherwise. */
  leave(stack: NetworkStack): void {
    this.#forget(stack);
  }

  async close(): Promise<void> {
    await this.#lease?.impairer.left();
    await this.#lease?.end();
    this.#lease = undefined;
  }

  /** Undefined where nobody in this process can have impaired a link. */
  get #existing(): Impairer | undefined {
    return this.#lease?.impairer ?? ImpairerLease.existing;
  }

  get #impairer(): ImpairerLease['impairer'] {
    this.#lease ??= new ImpairerLease();
    return this.#lease.impairer;
  }

  #bring(end: LinkEnd, { egress, ingress }: ConditionWays): void {
    const at = reachable(end);
    if (!egress && !ingress) {
      this.#impairer.clear(at);
      return;
    }
    const wanted = { egress: egress ?? undefined, ingress: ingress ?? undefined };
    this.#impairer.apply(at, { ...wanted, engine: this.#engine }, undefined);
  }

  #forget({ namespace }: NetworkStack, ifindex?: number): void {
    if (!this.#lease) return;
    const { dev, ino } = namespace.identity;
    this.#impairer.leave(namespace.key, ifindex);
    this.#impairer.restore(
      () => 'it is taken away',
      ({ place }) =>
        place.namespaceDevice === dev &&
        place.namespaceInode === ino &&
        (ifindex === undefined || place.ifindex === ifindex),
    );
  }
}

function reachable({ stack, name, ifindex }: LinkEnd): Reachable {
  const { namespace, netlink } = stack;
  return { space: namespace.key, namespace, netlink, interface: name, ifindex };
}
