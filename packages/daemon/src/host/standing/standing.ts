import { isDeepStrictEqual } from 'node:util';
import {
  type Config,
  type Container,
  type Forgotten,
  type Impairment,
  type NamedRule,
  NetweirError,
  type Target,
} from '@netweir/api';
import type { DiscoveredInterface, DiscoveredSpace, DiscoveryChange } from '@netweir/discovery';
import { netweirErrorOf } from '@netweir/impair';
import { type Ruling, rulingFor } from '../../rules/match.ts';
import { endOf } from '../leases.ts';
import { describeAuthor } from './describe-author.ts';
import { containerOf, type End, HostEnds, type PeerOf } from './host-ends.ts';
import { hostNotices } from './host-notices.ts';
import { type LabelReading, labelsCount, readLabels } from './labels.ts';
import { Memory } from './memory.ts';
import { Notices } from './notices.ts';
import { type Placed, planInterface, type Wanted } from './plan.ts';

export interface StandingOptions {
  /** Puts an impairment on an interface. @throws NetweirError */
  readonly apply: (
    space: DiscoveredSpace,
    one: DiscoveredInterface,
    impairment: Impairment,
    expiresAt: Date | undefined,
  ) => void;
  /** Puts back what was there. @throws NetweirError */
  readonly clear: (space: DiscoveredSpace, one: DiscoveredInterface) => void;
  /** Whether something of netweir's is still there. */
  readonly isInForce: (space: DiscoveredSpace, one: DiscoveredInterface) => boolean;
  /** Whether it is one of netweir's own devices. */
  readonly isTool: (space: DiscoveredSpace, one: DiscoveredInterface) => boolean;
  readonly peerOf: PeerOf;
  readonly onProblem: (error: NetweirError) => void;
  /** Told of a space where what `problemsOf` gives has become another. */
  readonly onNotice: (space: DiscoveredSpace) => void;
}

/** What is known of one space that has containers. */
interface SpaceState {
  readonly placed: Map<number, Placed>;
  /**
   * Interfaces that a person cleared, and what was asked for there by then: until the container starts
   * anew, or a rule asks for something else, none is for them.
   */
  readonly released: Map<number, Ruling | undefined>;
  readonly notices: Notices;
  labels: LabelReading | undefined;
  /** The one that decides. */
  container: Container | undefined;
}

/**
 * Keeps the interfaces of containers as they are wanted: what a person set there, through restarts, or
 * else what the first rule or the labels ask for. Of containers that share a namespace the first by age
 * decides. Everything happens within the call that tells of a change.
 */
export class Standing {
  readonly #options: StandingOptions;
  readonly #memory = new Memory();
  readonly #hostEnds: HostEnds;
  readonly #states = new Map<DiscoveredSpace, SpaceState>();
  #rules: readonly NamedRule[] = [];
  #config: Config = {};

  constructor(options: StandingOptions) {
    this.#options = options;
    this.#hostEnds = new HostEnds(this.#memory, options.peerOf);
  }

  /** Takes other rules and settings, and makes all interfaces what is wanted by these. */
  configure(rules: readonly NamedRule[], config: Config, spaces: readonly DiscoveredSpace[]): void {
    this.#rules = rules;
    this.#config = config;
    for (const space of spaces) this.#reconcileSpace(space);
  }

  /** Does what a change calls for; the end of a space is told by {@link leave}. */
  react(change: DiscoveryChange): void {
    if (change.type === 'space') this.#reconcileSpace(change.space);
    if (change.type === 'interface' && change.space.kind !== 'host') {
      this.#reconcile(change.space, change.interface);
    }
    if (change.type === 'interface-removed') {
      const state = this.#states.get(change.space);
      if (!state) return;
      forgetInterface(state, change.ifindex);
      state.notices.set(hostNoticeOf(change), undefined);
      this.#lookForLost(change.space, state);
    }
  }

  /** A namespace is gone: what was set there by a person stays in memory. */
  leave(space: DiscoveredSpace): void {
    this.#states.delete(space);
  }

  /** A person has set something there. */
  setByPerson(
    space: DiscoveredSpace,
    one: DiscoveredInterface,
    impairment: Impairment,
    expiresAt: Date | undefined,
  ): void {
    const container = containerOf(space);
    if (!container) {
      const inside = this.#hostEnds.set(one, { impairment, expiresAt });
      if (inside) this.#forgetHostNotice(inside);
      return;
    }
    const state = this.#stateOf(space);
    this.#memory.put(container, one, { impairment, expiresAt });
    state.placed.set(one.ifindex, { rule: null, impairment, inForce: true });
    state.notices.set(`${one.ifindex}`, undefined);
  }

  /** A person has cleared it: until the container starts anew, no rule is for it. */
  clearedByPerson(space: DiscoveredSpace, one: DiscoveredInterface): void {
    const container = containerOf(space);
    if (!container) {
      this.#endAtHost(one);
      return;
    }
    const state = this.#stateOf(space);
    this.#memory.delete(container, one);
    forgetInterface(state, one.ifindex);
    state.released.set(one.ifindex, this.#rulingFor(space, container, state, one));
  }

  /** Forgets what was set on containers that do not run, and so are in no space; without a target, on all. */
  forget(target: Target | undefined, spaces: readonly DiscoveredSpace[]): Forgotten {
    const running = spaces.flatMap((space) => containerOf(space) ?? []);
    return this.#memory.forget(target, running);
  }

  /** A person has restored everything: nothing comes back but by a new start. */
  restoredByPerson(): void {
    this.#memory.clear();
    for (const [space, state] of this.#states) {
      const container = containerOf(space);
      for (const ifindex of state.placed.keys()) {
        const one = space.interfaces.get(ifindex);
        const ruling = container && one && this.#rulingFor(space, container, state, one);
        state.released.set(ifindex, ruling);
      }
      state.placed.clear();
    }
  }

  /** The lease of what was there is over: after a person's, what rules say counts again. */
  leaseEnded(space: DiscoveredSpace, one: DiscoveredInterface): void {
    const state = this.#states.get(space);
    const placed = state?.placed.get(one.ifindex);
    const container = containerOf(space);
    if (!container) this.#endAtHost(one);
    if (!state || !placed || !container) return;
    if (placed.rule !== null) {
      state.placed.set(one.ifindex, { ...placed, inForce: false });
      return;
    }
    this.#memory.delete(container, one);
    state.placed.delete(one.ifindex);
    this.#reconcile(space, one);
  }

  /** The rule that set what is there; null where none did. */
  ruleOf(space: DiscoveredSpace, ifindex: number): string | null {
    const placed = this.#states.get(space)?.placed.get(ifindex);
    return placed?.inForce ? placed.rule : null;
  }

  /** What keeps rules or labels from being in force. */
  problemsOf(space: DiscoveredSpace): readonly string[] {
    return this.#states.get(space)?.notices.list() ?? [];
  }

  #reconcileSpace(space: DiscoveredSpace): void {
    if (space.kind === 'host') {
      this.#stateOf(space).notices.replace(hostNotices(space, this.#rules, this.#config));
      return;
    }
    const state = this.#states.get(space);
    if (state) this.#followContainer(space, state);
    for (const ifindex of state?.placed.keys() ?? []) {
      if (!space.interfaces.has(ifindex)) forgetInterface(state, ifindex);
    }
    for (const one of [...space.interfaces.values()]) this.#reconcile(space, one);
  }

  /** One that is renamed keeps what a person set there; another of its former name does not get it. */
  #followContainer(space: DiscoveredSpace, state: SpaceState): void {
    const before = state.container;
    const now = containerOf(space);
    if (before && now && before.id === now.id) this.#memory.rename(before, now);
    state.container = now;
  }

  /** The userspace engine may have died: then its TAPs go, and with them what it did. */
  #lookForLost(space: DiscoveredSpace, state: SpaceState): void {
    for (const [ifindex, placed] of state.placed) {
      const one = space.interfaces.get(ifindex);
      if (!one || !placed.inForce || this.#options.isInForce(space, one)) continue;
      state.placed.set(ifindex, { ...placed, inForce: false });
      const author = placed.rule === null ? 'what was set' : describeAuthor(placed.rule);
      const text = `${author} is not in force on ${space.id}/${one.name} any more: its userspace engine is gone. To have it again, set it anew`;
      state.notices.set(`${ifindex}`, text);
    }
  }

  #reconcile(space: DiscoveredSpace, one: DiscoveredInterface): void {
    const container = containerOf(space);
    if ((!container && !this.#states.has(space)) || this.#options.isTool(space, one)) return;
    const state = this.#stateOf(space);
    const placed = state.placed.get(one.ifindex);
    const wanted = container && this.#wantedFor(space, container, state, one);
    const step = planInterface(placed, wanted);
    if (step === 'apply' && wanted) this.#apply(space, state, one, wanted);
    if (step === 'clear') this.#clear(space, state, one);
    if (step === 'forget') forgetInterface(state, one.ifindex);
    if (container) this.#reconcileHostEnd(space, state, container, one);
  }

  #reconcileHostEnd(
    space: DiscoveredSpace,
    { notices }: SpaceState,
    container: Container,
    one: DiscoveredInterface,
  ): void {
    const due = this.#hostEnds.due(container, [space, one]);
    if (!due) return;
    const [outer, end] = due.end;
    const { impairment, expiresAt } = due.remembered;
    const subject = `${describeAuthor(null)} is not in force on ${outer.id}/${end.name}`;
    attempt(notices, hostNoticeOf(one), subject, () =>
      this.#options.apply(outer, end, impairment, expiresAt),
    );
  }

  #endAtHost(end: DiscoveredInterface): void {
    const inside = this.#hostEnds.forget(end);
    if (inside) this.#forgetHostNotice(inside);
  }

  #forgetHostNotice([space, one]: End): void {
    this.#states.get(space)?.notices.set(hostNoticeOf(one), undefined);
  }

  #wantedFor(
    space: DiscoveredSpace,
    container: Container,
    state: SpaceState,
    one: DiscoveredInterface,
  ): Wanted | undefined {
    const ruling = this.#rulingFor(space, container, state, one);
    const remembered = this.#memory.find(container, one);
    if (remembered) return { rule: null, ...remembered };
    const { released } = state;
    if (released.has(one.ifindex)) {
      // What is not known of a container for a while asks for nothing, and ends nothing either.
      if (!ruling || isDeepStrictEqual(ruling, released.get(one.ifindex))) return undefined;
      released.delete(one.ifindex);
    }
    return ruling;
  }

  #rulingFor(
    space: DiscoveredSpace,
    container: Container,
    state: SpaceState,
    one: DiscoveredInterface,
  ): Ruling | undefined {
    const labels = this.#labelsOf(space, container, state);
    return rulingFor(container, one, this.#rules, labels);
  }

  #labelsOf(
    space: DiscoveredSpace,
    container: Container,
    state: SpaceState,
  ): Impairment | undefined {
    const isOn = labelsCount(this.#config, space);
    state.labels = isOn ? readLabels(container, state.labels) : undefined;
    state.notices.set('labels', state.labels?.problem);
    return state.labels?.impairment;
  }

  #apply(
    space: DiscoveredSpace,
    state: SpaceState,
    one: DiscoveredInterface,
    wanted: Wanted,
  ): void {
    const { rule, impairment } = wanted;
    const former = state.placed.get(one.ifindex);
    const expiresAt = wanted.expiresAt ?? endOf(impairment);
    // First, because what is done here is told as a change of the interface, too.
    state.placed.set(one.ifindex, { rule, impairment, inForce: true });
    const subject = `${describeAuthor(rule)} is not in force on ${space.id}/${one.name}`;
    attempt(state.notices, `${one.ifindex}`, subject, () => {
      try {
        this.#options.apply(space, one, impairment, expiresAt);
      } catch (error) {
        state.placed.set(one.ifindex, { rule, impairment, inForce: former?.inForce ?? false });
        throw error;
      }
    });
  }

  #clear(space: DiscoveredSpace, state: SpaceState, one: DiscoveredInterface): void {
    forgetInterface(state, one.ifindex);
    const subject = `the end of a rule is not in force on ${space.id}/${one.name}`;
    attempt(state.notices, `${one.ifindex}`, subject, () => this.#options.clear(space, one));
  }

  #stateOf(space: DiscoveredSpace): SpaceState {
    const known = this.#states.get(space);
    if (known) return known;
    const report = (message: string): void =>
      this.#options.onProblem(new NetweirError('invalid-combination', message));
    const state: SpaceState = {
      placed: new Map(),
      released: new Map(),
      notices: new Notices(report, () => this.#options.onNotice(space)),
      labels: undefined,
      container: containerOf(space),
    };
    this.#states.set(space, state);
    return state;
  }
}

/** Keeps a notice, under `about`, where the action fails: what is not as it should be, and why. */
function attempt(notices: Notices, about: string, subject: string, action: () => void): void {
  try {
    action();
    notices.set(about, undefined);
  } catch (error) {
    const { message, code, remedy } = netweirErrorOf(error);
    if (code === 'space-vanished' || code === 'no-such-interface') return;
    notices.set(about, `${subject}: ${message}${remedy === undefined ? '' : `. ${remedy}`}`);
  }
}

function hostNoticeOf({ ifindex }: Pick<DiscoveredInterface, 'ifindex'>): string {
  return `${ifindex} at the host`;
}

function forgetInterface(state: SpaceState | undefined, ifindex: number): void {
  state?.placed.delete(ifindex);
  state?.released.delete(ifindex);
  state?.notices.set(`${ifindex}`, undefined);
}
