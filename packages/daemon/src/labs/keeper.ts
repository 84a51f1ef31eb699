import { isDeepStrictEqual } from 'node:util';
import {
  type Change,
  type InterfaceRef,
  LAB_SWITCHES,
  type LabChange,
  type LabEvent,
  type LabFile,
  type LabNamespaces,
  type LabState,
  type LabSummary,
  NetweirError,
} from '@netweir/api';
import type {
  DiscoveredInterface,
  DiscoveredSpace,
  Discovery,
  LabNodeName,
} from '@netweir/discovery';
import type { Lab, LabNode } from '@netweir/lab';
import { labErrorOf } from './errors.ts';
import { loadLabLibrary } from './lab-library.ts';
import { nodeOf } from './node.ts';

export interface LabKeeperOptions {
  readonly discovery: Discovery;
  readonly tell: (changes: Change[]) => void;
  /** Told of an interface whose link the lab itself has given other conditions. */
  readonly onConditions: (at: InterfaceRef) => void;
  /** For what happens when nobody waits for an answer. */
  readonly onProblem: (error: NetweirError) => void;
}

const LAB_SPACE = /^lab:([^/]+)\/(.+)$/u;

/** A running lab. */
interface Kept {
  readonly name: string;
  readonly lab: Lab;
  readonly createdAt: string;
  readonly unsubscribe: () => void;
}

/** A name that is taken: by a lab that is being made, runs, or is being taken down. */
interface Taken {
  readonly file: LabFile;
  readonly made: Promise<Kept>;
  ended?: Promise<void>;
}

/** The labs of a daemon. Their nodes are spaces for as long as they run. */
export class LabKeeper {
  readonly #options: LabKeeperOptions;
  readonly #taken = new Map<string, Taken>();
  readonly #running = new Map<string, Kept>();

  constructor(options: LabKeeperOptions) {
    this.#options = options;
  }

  list(): LabSummary[] {
    return [...this.#running.values()].map(summaryOf);
  }

  /**
   * Makes a lab of a file. One of this name that was made of the same file stays as it is by now.
   * @throws NetweirError `invalid-request`, `lab-exists`, `lab-refused`, or what the kernel refuses
   */
  async put(name: string, file: LabFile): Promise<LabSummary> {
    for (let before = this.#taken.get(name); before?.ended; before = this.#taken.get(name)) {
      // Whether that failed is told to who asked for it.
      await before.ended.catch(() => undefined);
    }
    const known = this.#taken.get(name);
    if (known && !isDeepStrictEqual(known.file, file)) throw labExists(name);
    const made = known?.made ?? this.#make(name, file);
    if (!known) this.#taken.set(name, { file, made });
    return summaryOf(await made);
  }

  /** @throws NetweirError `no-such-lab` */
  state(name: string, options: { readonly counters?: boolean } = {}): LabState {
    return this.#find(name).lab.state(options);
  }

  /** @throws NetweirError `no-such-lab`, `no-such-node` */
  namespaces(name: string, node: string): LabNamespaces {
    const { lab } = this.#find(name);
    const { namespace, mounts } =
      node === LAB_SWITCHES ? { namespace: lab.switches, mounts: undefined } : nodeOf(lab, node);
    // Whoever is told this is another process.
    const own = `/proc/${process.pid}`;
    const mount = mounts?.replace(/^\/proc\/self/u, own) ?? null;
    return { network: `${own}/fd/${namespace.fd}`, mount };
  }

  /**
   * Does one change, and tells what has happened by it.
   * @throws NetweirError `no-such-lab`, `no-such-node`, `no-such-interface`, `lab-refused`, or as
   * impairments do
   */
  async change(name: string, change: LabChange): Promise<LabEvent[]> {
    const { lab } = this.#find(name);
    const { applyLabChange } = await import('./change.ts');
    const events: LabEvent[] = [];
    const unsubscribe = lab.subscribe((event) => events.push(event));
    try {
      await applyLabChange(lab, change);
      return events;
    } catch (error) {
      throw labErrorOf(error);
    } finally {
      unsubscribe();
    }
  }

  /**
   * Takes a lab down, and waits until nothing of it runs.
   * @throws NetweirError `no-such-lab`
   */
  async delete(name: string): Promise<void> {
    const taken = this.#taken.get(name);
    if (!taken) throw noSuchLab(name);
    taken.ended ??= taken.made.then((kept) => this.#end(kept));
    await taken.ended;
  }

  /** The other end of a lab's cable to one of its switches, from either end. */
  otherEnd(
    { id }: DiscoveredSpace,
    { name }: DiscoveredInterface,
  ): readonly [DiscoveredSpace, DiscoveredInterface] | undefined {
    const [, labName = '', node = ''] = LAB_SPACE.exec(id) ?? [];
    const cables = this.#running.get(labName)?.lab.cables ?? [];
    const isSwitches = node === LAB_SWITCHES;
    const cable = cables.find((one) =>
      isSwitches ? one.port === name : one.node === node && one.interface === name,
    );
    if (!cable) return undefined;
    const [otherNode, other] = isSwitches
      ? [cable.node, cable.interface]
      : [LAB_SWITCHES, cable.port];
    const { discovery } = this.#options;
    const space = discovery.space(`lab:${spaceName(labName, otherNode)}`);
    const found = space && discovery.find(space.id, other);
    return found && [space, found];
  }

  async close(): Promise<void> {
    const names = [...this.#taken.keys()];
    await Promise.allSettled(names.map((name) => this.delete(name)));
  }

  #find(name: string): Kept {
    const kept = this.#running.get(name);
    if (!kept) throw noSuchLab(name);
    return kept;
  }

  async #make(name: string, file: LabFile): Promise<Kept> {
    let lab: Lab | undefined;
    try {
      const { Lab } = await loadLabLibrary();
      lab = await Lab.build(file, { name });
      const unsubscribe = lab.subscribe((event) => this.#happened(name, event));
      const kept = { name, lab, createdAt: new Date().toISOString(), unsubscribe };
      this.#nameNodes(name, [...lab.nodes.values(), switchesOf(lab)]);
      this.#running.set(name, kept);
      this.#options.tell([{ type: 'lab', lab: summaryOf(kept) }]);
      return kept;
    } catch (error) {
      await lab?.close();
      this.#taken.delete(name);
      throw labErrorOf(error);
    }
  }

  async #end({ name, lab, unsubscribe }: Kept): Promise<void> {
    const nodes = [...lab.nodes.keys(), LAB_SWITCHES].map((node) => spaceName(name, node));
    this.#running.delete(name);
    unsubscribe();
    try {
      await lab.close();
    } finally {
      this.#options.discovery.unnameNodes(nodes);
      this.#taken.delete(name);
      this.#options.tell([{ type: 'lab-removed', name }]);
    }
  }

  #happened(name: string, event: LabEvent): void {
    const { tell, onProblem } = this.#options;
    tell([{ type: 'lab-event', name, event }]);
    // The lab is in the middle of it, and must not fail by what happens here.
    queueMicrotask(() => {
      try {
        this.#follow(name, event);
      } catch (error) {
        onProblem(labErrorOf(error));
      }
    });
  }

  #follow(name: string, { kind, node, interface: one }: LabEvent): void {
    const kept = this.#running.get(name);
    if (!kept || node === null) return;
    if (kind === 'condition-changed' && one !== null) {
      this.#options.onConditions({ space: `lab:${spaceName(name, node)}`, interface: one });
    }
    if (kind !== 'node-added' && kind !== 'node-removed') return;
    const added = kind === 'node-added' && kept.lab.nodes.get(node);
    if (added) this.#nameNodes(name, [added]);
    else this.#options.discovery.unnameNodes([spaceName(name, node)]);
    this.#options.tell([{ type: 'lab', lab: summaryOf(kept) }]);
  }

  #nameNodes(lab: string, nodes: Iterable<Pick<LabNode, 'name' | 'namespace'>>): void {
    const named = [...nodes].map(
      ({ name, namespace }) => [spaceName(lab, name), namespace] as const,
    );
    this.#options.discovery.nameNodes(new Map(named));
  }
}

function switchesOf({ switches }: Lab): Pick<LabNode, 'name' | 'namespace'> {
  return { name: LAB_SWITCHES, namespace: switches };
}

function spaceName(lab: string, node: string): LabNodeName {
  return `${lab}/${node}`;
}

function summaryOf({ name, lab, createdAt }: Kept): LabSummary {
  return { name, createdAt, nodes: [...lab.nodes.keys()], warnings: [...lab.warnings] };
}

function labExists(name: string): NetweirError {
  return new NetweirError('lab-exists', `a lab ${name} runs already, made of another file`, {
    remedy: `Take that down with \`netweir lab down ${name}\`, or give this one another name.`,
  });
}

function noSuchLab(name: string): NetweirError {
  return new NetweirError('no-such-lab', `there is no lab ${name}`, {
    remedy: '`netweir lab ls` lists those that run.',
  });
}
