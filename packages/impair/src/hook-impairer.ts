import { randomBytes } from 'node:crypto';
import { type Direction, directionOf, type MechanismCounters, NetweirError } from '@netweir/api';
import { dumpLinks, errnoName, getLink, KernelError, type Link } from '@netweir/kernel';
import { Engine, type LanePlace, tapName } from './engine/engine.ts';
import {
  hasClsact,
  hook,
  isHooked,
  type Redirection,
  removeClsact,
  unhookRequest,
} from './engine/hook.ts';
import type { LaneCounters } from './engine/lane-counters.ts';
import { type LaneWanted, laneOf } from './engine/lane-wanted.ts';
import { type HookEntry, lineOf, type Setting, type Way } from './journal/entry.ts';
import type { EntryStore, Transaction } from './journal/journal.ts';
import { alsoFailed, netweirErrorOf } from './kernel-error.ts';
import { findEntry, placeOf, type Reachable } from './reachable.ts';
import { remembered } from './remembered.ts';
import { byNamespace, deleteTogether } from './together.ts';
import type { RuleReport } from './tree/tree.ts';
import { exactOf, WAYS, wayOf } from './way.ts';

// linux/if_arp.h
const ARPHRD_ETHER = 1;
const ARPHRD_LOOPBACK = 772;

/** What the engine does to one way of an interface. */
export interface HookWayReport {
  readonly base: Direction | null;
  readonly mechanism: 'userspace';
  readonly counters: MechanismCounters | null;
  readonly rules: readonly RuleReport[];
}

/** What the engine does to each way of an interface; undefined where it does nothing. */
export interface HookReport extends Readonly<Record<Way, HookWayReport | undefined>> {
  readonly entry: HookEntry | undefined;
}

export interface HookImpairerOptions {
  readonly journal: EntryStore;
  /**
   * Told when the engine's thread dies, or when one way of an interface is lost to it: what it did passes
   * its packets unimpaired then.
   */
  readonly onEngineFailure: (error: NetweirError) => void;
  /** `bpf` if absent; `mirred` for namespaces of this process's own only. */
  readonly redirection?: Redirection;
}

/**
 * Puts impairments on interfaces by the userspace engine of this process, and takes them off: journal,
 * hooks, read-back. Every method throws NetweirError.
 */
export class HookImpairer {
  readonly #options: HookImpairerOptions;
  #engine: Engine | undefined;

  constructor(options: HookImpairerOptions) {
    this.#options = options;
  }

  report(at: Reachable): HookReport {
    return this.#guard(() =>
      this.#options.journal.transaction((journal) =>
        this.#report(at, findEntry(journal, at, 'hook')),
      ),
    );
  }

  /** Has the engine do what a setting asks of at least one way, and nothing of the other. */
  apply(at: Reachable, setting: Setting, ways: readonly Way[]): void {
    this.#guard(() =>
      this.#options.journal.transaction((journal) => {
        const before = findEntry(journal, at, 'hook');
        const lanes = new Map(ways.map((way) => [way, this.#laneOf(at, setting, way)]));
        refuseUnfit(at);
        if (ways.includes('ingress')) this.#refuseIngress(at);
        this.#refuseAnother(at);
        const entry: HookEntry = {
          kind: 'hook',
          id: before?.id ?? journal.nextId(),
          place: placeOf(at),
          hadClsact: before?.hadClsact ?? hasClsact(at),
          ways,
          setting,
        };
        journal.write(lineOf(entry));
        try {
          for (const way of WAYS) {
            this.#bring(at, way, lanes.get(way));
          }
          refuseDifference(at, this.#report(at, entry));
        } catch (error) {
          this.#restore(journal, entry, at);
          throw error;
        }
      }),
    );
  }

  /** Takes the engine off the interface, and the filters of one that was killed where no journal tells. */
  clear(at: Reachable): void {
    this.#guard(() =>
      this.#options.journal.transaction((journal) => {
        const entry = findEntry(journal, at, 'hook');
        if (entry) this.#restore(journal, entry, at);
        else this.#removeResidue(at);
      }),
    );
  }

  /**
   * Takes the TAPs of a process that has died away together, for many interfaces: the kernel closes them one after
   * the other. What this leaves undone, or is refused, is up to the kernel and `restoreEntry`.
   */
  takeTogether(all: readonly Reachable[]): void {
    for (const [netlink, those] of byNamespace(all)) {
      const names = new Set(
        those.flatMap(({ ifindex }) => WAYS.map((way) => tapName(ifindex, way))),
      );
      const links = netlink.dump(dumpLinks({ stats: false }));
      deleteTogether(
        netlink,
        links.filter(({ name, kind }) => kind === 'tun' && names.has(name)),
      );
    }
  }

  /** Takes what an entry tells of off its interface, within a transaction. */
  restoreEntry(journal: Transaction, entry: HookEntry, at: Reachable): undefined {
    this.#restore(journal, entry, at);
  }

  /**
   * Lets go of a namespace that is gone, which the engine's descriptors would keep alive, or of one
   * interface of it that is.
   */
  leave(namespaceKey: string, ifindex?: number): void {
    try {
      this.#engine?.leave(namespaceKey, ifindex);
    } catch (error) {
      // Nobody asked for it who could be answered.
      this.#options.onEngineFailure(netweirErrorOf(error));
    }
  }

  /** Waits until the namespaces that `leave` let go of are gone. */
  async left(): Promise<void> {
    await this.#engine?.left();
  }

  async close(): Promise<void> {
    await this.#engine?.stop();
    this.#engine = undefined;
  }

  #laneOf({ namespace, ifindex }: Reachable, setting: Setting, way: Way): LaneWanted | undefined {
    const wanted = wayOf(setting, way);
    const before = this.#engine?.wanted({ namespace, ifindex, way });
    return wanted ? laneOf(wanted, way, before) : undefined;
  }

  #bring(at: Reachable, way: Way, lane: LaneWanted | undefined): void {
    const place = { namespace: at.namespace, ifindex: at.ifindex, way };
    if (!lane) {
      this.#remove(at, way);
      return;
    }
    const engine = this.#running();
    const seed = randomBytes(8).readBigUInt64LE();
    if (engine.has(place) && isInForce(at, way)) {
      engine.change(place, lane, seed);
      return;
    }
    this.#remove(at, way);
    hook(at, way, engine.open(place, lane, seed));
  }

  /** An engine of another process holds its TAP for as long as it lives. */
  #refuseAnother(at: Reachable): void {
    for (const way of WAYS) {
      const place = { namespace: at.namespace, ifindex: at.ifindex, way };
      if (this.#engine?.has(place) || !linkNamed(at, tapName(at.ifindex, way))) continue;
      throw new NetweirError(
        'changed-elsewhere',
        `another netweir process impairs the ${way} of ${at.interface}: ${tapName(at.ifindex, way)} is there`,
        {
          remedy:
            'End that process (its Ctrl+C restores the interface), or have it make the change.',
        },
      );
    }
  }

  #remove(at: Reachable, way: Way): void {
    const unhook = (): void => {
      if (isHooked(at, way)) at.netlink.request(unhookRequest(at, way));
    };
    // What mirred redirects is lost without the TAP; what the engine delivers needs the program.
    if (this.#redirection === 'mirred') unhook();
    try {
      this.#engine?.close({ namespace: at.namespace, ifindex: at.ifindex, way });
    } finally {
      unhook();
    }
  }

  /** What carries our name but is in no journal. */
  #removeResidue(at: Reachable): void {
    if (!WAYS.some((way) => isHooked(at, way))) return;
    const wasOurs = !hasClsact(at);
    for (const way of WAYS) this.#remove(at, way);
    if (wasOurs) removeClsact(at);
  }

  #restore(journal: Transaction, entry: HookEntry, at: Reachable): void {
    for (const way of WAYS) this.#remove(at, way);
    if (!entry.hadClsact) removeClsact(at);
    journal.write({ type: 'restored', id: entry.id, outcome: 'original' });
  }

  #running(): Engine {
    // A dying one still has its TAPs, and refuses everything.
    if (this.#engine && !this.#engine.hasEnded) return this.#engine;
    this.#engine = new Engine({
      redirection: this.#redirection,
      onFailure: (cause, places) => {
        const message = `the userspace engine died: ${cause.message}; its interfaces pass their packets unimpaired`;
        const error = new NetweirError('engine-failed', message, { cause });
        // Programs see for themselves that it is dead.
        this.#tellFailure(error, this.#redirection === 'mirred' ? places : []);
      },
      onLaneFailure: (place, errno) => this.#tellFailure(lostLane(place, errno), [place]),
    });
    return this.#engine;
  }

  #tellFailure(error: NetweirError, places: readonly LanePlace[]): void {
    try {
      for (const place of places) this.#giveUp(place);
      this.#options.onEngineFailure(error);
    } catch (second) {
      this.#options.onEngineFailure(alsoFailed(error, second));
    }
  }

  get #redirection(): Redirection {
    return this.#options.redirection ?? 'bpf';
  }

  /** What was received and put back would be redirected again: only a program can tell it by its mark. */
  #refuseIngress({ interface: name }: Reachable): void {
    if (this.#redirection === 'bpf') return;
    throw new NetweirError(
      'kernel-lacks-feature',
      `what ${name} receives cannot be impaired without BPF programs, which an ordinary user may not load`,
      { remedy: 'Ask for egress alone, impair what the other ends send, or run netweir as root.' },
    );
  }

  /** Takes away what is left of a lane that ended by itself; the other way of its interface stays. */
  #giveUp({ namespace, ifindex, way }: LanePlace): void {
    using netlink = namespace.netlink();
    this.#options.journal.transaction((journal) => {
      const entry = findEntry(journal, { namespace, ifindex, netlink }, 'hook');
      if (!entry) return;
      const { space, interface: name } = entry.place;
      const at = { space, namespace, ifindex, interface: name, netlink };
      const ways = entry.ways.filter((other) => other !== way);
      if (ways.length === 0) {
        this.#restore(journal, entry, at);
        return;
      }
      this.#remove(at, way);
      journal.write(lineOf({ ...entry, ways }));
    });
  }

  #report(at: Reachable, entry: HookEntry | undefined): HookReport {
    return {
      entry,
      egress: this.#way(at, entry, 'egress'),
      ingress: this.#way(at, entry, 'ingress'),
    };
  }

  #way(at: Reachable, entry: HookEntry | undefined, way: Way): HookWayReport | undefined {
    const wanted = entry?.ways.includes(way) ? wayOf(entry.setting, way) : null;
    if (!wanted || !isInForce(at, way)) return undefined;
    const counters = this.#counters(at, way);
    return {
      base: wanted.base && shown(wanted.base),
      mechanism: 'userspace',
      counters: counters?.base ?? null,
      rules: wanted.rules.map(({ direction }, index) => ({
        direction: direction && shown(direction),
        counters: counters?.rules[index] ?? null,
      })),
    };
  }

  /**
   * What did not even reach the engine is dropped by the TAP, whose queue was full: whose it was is not known, so
   * that it counts with the packets that no rule takes.
   */
  #counters(at: Reachable, way: Way): LaneCounters | undefined {
    const place = { namespace: at.namespace, ifindex: at.ifindex, way };
    const counters = this.#engine?.counters(place);
    if (!counters) return undefined;
    const { base, rules } = counters;
    const overflow = linkNamed(at, tapName(at.ifindex, way))?.stats?.txDropped ?? 0;
    return { base: { ...base, droppedPackets: base.droppedPackets + overflow }, rules };
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw netweirErrorOf(error);
    }
  }
}

/** A direction in the words in which the kernel's are told. */
const shown: (direction: Direction) => Direction = remembered((direction) =>
  directionOf(exactOf(direction)),
);

/** Only of Ethernet can frames be taken away and put back. */
function refuseUnfit(at: Reachable): void {
  const [link] = at.netlink.query(getLink({ ifindex: at.ifindex }));
  if (link?.type === ARPHRD_ETHER) return;
  if (link?.type === ARPHRD_LOOPBACK) {
    // What is put back has lost its route, and 127.0.0.1 is a martian then (ip_route_input_slow).
    throw new NetweirError(
      'kernel-lacks-feature',
      `${at.interface} is the loopback, where the kernel drops IPv4 packets that the userspace engine puts back`,
      {
        remedy:
          'Impair what it sends by the kernel, which takes sch_netem: that is what it receives, too.',
      },
    );
  }
  throw new NetweirError(
    'kernel-lacks-feature',
    `${at.interface} carries no Ethernet frames, which the userspace engine needs`,
    { remedy: 'Use a kernel with sch_netem, or impair the interface that its packets leave by.' },
  );
}

function lostLane({ ifindex, way }: LanePlace, errno: number): NetweirError {
  const tap = tapName(ifindex, way);
  return new NetweirError(
    'engine-failed',
    `the userspace engine lost ${tap} (${errnoName(errno)}): the interface with index ${ifindex} passes its ${way} unimpaired`,
    { remedy: `Set the impairment again, and see who removes ${tap}.` },
  );
}

function refuseDifference(at: Reachable, report: HookReport): void {
  for (const way of WAYS) {
    if (report.entry?.ways.includes(way) === (report[way] !== undefined)) continue;
    throw new NetweirError(
      'read-back-differs',
      `what the userspace engine does to the ${way} of ${at.interface} is not what was asked for`,
    );
  }
}

/** Whether packets are hooked in the kernel, with the TAP of a living engine behind the hook. */
function isInForce(at: Reachable, way: Way): boolean {
  return isHooked(at, way) && linkNamed(at, tapName(at.ifindex, way)) !== undefined;
}

function linkNamed({ netlink }: Reachable, name: string): Link | undefined {
  try {
    return netlink.query(getLink({ name }))[0];
  } catch (error) {
    if (error instanceof KernelError && error.errnoName === 'ENODEV') return undefined;
    throw error;
  }
}
