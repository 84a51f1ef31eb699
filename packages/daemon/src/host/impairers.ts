import { isNetweirError, type NetweirError, type RestoreReport } from '@netweir/api';
import type { Discovery } from '@netweir/discovery';
import {
  type Abilities,
  type Entry,
  Impairer,
  Journal,
  type Place,
  probeAbilities,
  type Reachable,
  subjectOf,
} from '@netweir/impair';
import { isLabNode, type LabImpairments } from '../labs/impairments.ts';
import { mergeReports } from './merge-reports.ts';
import { keyOf, keyOfEntry, namespaceKeyOf, reachPeer, reachPlace } from './reach.ts';

export interface ImpairersOptions {
  readonly discovery: Discovery;
  /** Where the journal is kept. */
  readonly stateDirectory: string;
  readonly owner: 'daemon' | 'command';
  /** For the interfaces of labs. */
  readonly labs: LabImpairments;
  /** What this kernel can do, where that is not to be tried. */
  readonly abilities?: Abilities | undefined;
  /** For what happens when nobody waits for an answer. */
  readonly onProblem: (error: NetweirError) => void;
}

/** What was put back, and which interfaces have nothing on record any more. */
interface Restored {
  readonly report: RestoreReport;
  readonly ended: readonly Reachable[];
}

/** What is on record of namespaces that may be gone. */
interface Dropped {
  /** The keys of the interfaces that have nothing on record any more. */
  readonly gone: ReadonlySet<string>;
  /** The keys of namespaces that are not known any more but still there, because processes are in them. */
  readonly left: ReadonlySet<string>;
}

/** What impairs the interfaces of this host and those of its labs, and what that has on record. */
export class Impairers {
  readonly #options: ImpairersOptions;
  #abilities: Abilities | undefined;
  #impairer: Impairer | undefined;

  constructor(options: ImpairersOptions) {
    this.#options = options;
  }

  /** That of an interface. */
  of(at: Reachable): Impairer | LabImpairments {
    return isLabNode(at) ? this.#options.labs : this.#host();
  }

  abilities(): Abilities {
    this.#abilities ??= this.#options.abilities ?? probeAbilities();
    return this.#abilities;
  }

  /** What somebody else has changed there; null where nobody has. @throws NetweirError */
  changedElsewhere(at: Reachable): string | null {
    return isLabNode(at) ? null : this.#host().changedElsewhere(at);
  }

  /** The other end of a veth, while one of the two does what the other receives. */
  partnerOf(at: Reachable): Reachable | undefined {
    return isLabNode(at) ? undefined : this.#host().partnerOf(at);
  }

  /** All open entries. @throws NetweirError */
  entries(): Entry[] {
    return this.#all().flatMap((one) => one.entries());
  }

  /** All open entries; none of the journal for who may not read it, and still sees what the kernel says. */
  readableEntries(): Entry[] {
    return [...this.#readableJournal(), ...this.#options.labs.entries()];
  }

  /** Whether anything is on record of an interface. */
  isSet(at: Reachable): boolean {
    return this.entries().some((entry) => keyOfEntry(entry) === keyOf(at));
  }

  /** Whether nobody else would end it. */
  isHeld(entry: Entry): boolean {
    return this.#all().some((one) => one.holds(entry));
  }

  /** Puts back every entry that `which` accepts. @throws NetweirError */
  restore(which: (entry: Entry) => boolean): Restored {
    const { discovery, labs } = this.#options;
    const reached = new Map<string, Reachable>();
    const opened: { close(): void }[] = [];
    const reach = (place: Place): Reachable | string => {
      const at = reachPlace(discovery, place, opened);
      if (typeof at !== 'string') reached.set(keyOf(at), at);
      return at;
    };
    try {
      for (const entry of this.#host().entries().filter(which)) {
        if (subjectOf(entry) !== entry.place) reach(subjectOf(entry));
      }
      const reports = this.#all().map((one) => one.restore(reach, which));
      for (const entry of this.#host().entries()) reached.delete(keyOfEntry(entry));
      for (const key of reached.keys()) if (labs.isSet(key)) reached.delete(key);
      return { report: mergeReports(reports), ended: [...reached.values()] };
    } finally {
      for (const one of opened) one.close();
    }
  }

  /** Drops the journal's entries of what is gone in these namespaces; in all if absent. @throws NetweirError */
  dropGone(namespaceKeys?: ReadonlySet<string>): Dropped {
    const left = new Set<string>();
    const gone = new Map<number, string>();
    const opened: { close(): void }[] = [];
    const { discovery } = this.#options;
    const known = new Set(discovery.spaces().map(({ namespace }) => namespace.key));
    try {
      for (const entry of this.#readableJournal()) {
        const namespaceKey = namespaceKeyOf(entry.place);
        if (namespaceKeys?.has(namespaceKey) === false) continue;
        const at = reachPlace(discovery, entry.place, opened);
        if (typeof at === 'string') gone.set(entry.id, keyOfEntry(entry));
        else if (!known.has(namespaceKey)) left.add(namespaceKey);
      }
      return { gone: gone.size > 0 ? this.#drop(gone) : new Set(), left };
    } finally {
      for (const one of opened) one.close();
    }
  }

  /** Lets go of a namespace, or of one interface of it: nothing of ours may keep it alive. */
  leave(namespaceKey: string, ifindex?: number): void {
    this.#impairer?.leave(namespaceKey, ifindex);
    this.#options.labs.leave(namespaceKey, ifindex);
  }

  async close(): Promise<void> {
    await this.#impairer?.close();
  }

  /** By the entries' ids: something else may be in the same place by now. */
  #drop(gone: ReadonlyMap<number, string>): Set<string> {
    const keys = new Set(gone.values());
    this.#host().restore(
      () => 'it is gone',
      ({ id }) => gone.has(id),
    );
    for (const entry of this.#host().entries()) keys.delete(keyOfEntry(entry));
    return keys;
  }

  #readableJournal(): Entry[] {
    try {
      return this.#host().entries();
    } catch (error) {
      const code = isNetweirError(error) ? error.code : undefined;
      if (code === 'journal-failed' || code === 'not-permitted') return [];
      throw error;
    }
  }

  #all(): readonly (Impairer | LabImpairments)[] {
    return [this.#host(), this.#options.labs];
  }

  #host(): Impairer {
    const { discovery, stateDirectory, owner, onProblem } = this.#options;
    this.#impairer ??= new Impairer({
      journal: new Journal(stateDirectory),
      abilities: () => this.abilities(),
      owner,
      peerOf: (at) => reachPeer(discovery, at),
      onEngineFailure: onProblem,
    });
    return this.#impairer;
  }
}
