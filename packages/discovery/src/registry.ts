import { KernelError, type Link, type NsidEvent } from '@netweir/kernel';
import { Dirty, type Stale } from './dirty.ts';
import type { DiscoveryChange } from './model.ts';
import { findPeers } from './peers.ts';
import { type InterfaceRecord, readAll, readSome } from './record.ts';
import { sameInterface, samePeer } from './same.ts';
import type { Space } from './space.ts';
import { compareNames, type SpaceName } from './space-name.ts';

/** linux/errno-base.h */
const EINTR = 4;
/** One change may require that others are read; what is left after this often waits for the next time. */
const ROUNDS = 4;

/** Interfaces, by space, that have to be compared with what was published. */
type Touched = Map<Space, Set<number>>;

/**
 * All spaces, kept equal to the kernel: it is told what may have changed, and `flush` reads that anew
 * and gives the differences. It owns the spaces that it is given.
 */
export class Registry {
  readonly #spaces = new Set<Space>();
  readonly #dirty = new Dirty();
  /** Spaces of which nobody has been told yet. */
  readonly #new = new Set<Space>();
  /** Spaces of whose names or containers nobody has been told yet. */
  readonly #renamed = new Set<Space>();
  /** By all ids; made anew when it is needed after a change of names. */
  #byId: ReadonlyMap<string, Space> | undefined;
  /** What `spaces` gives; made anew as well. */
  #listed: readonly Space[] | undefined;
  #removed: { readonly id: string; readonly key: string }[] = [];
  #relationsChanged = false;

  /** Whether `flush` has something to do. */
  get pending(): boolean {
    return (
      this.#dirty.size > 0 ||
      this.#removed.length > 0 ||
      this.#renamed.size > 0 ||
      this.#relationsChanged
    );
  }

  /** Whether all spaces could be read since they were added. */
  get complete(): boolean {
    return this.#new.size === 0;
  }

  /** The space that any of its names means. */
  get(id: string): Space | undefined {
    const space = this.peek(id);
    return space && !this.#new.has(space) ? space : undefined;
  }

  /** As `get`, but also one that nobody has been told of. */
  peek(id: string): Space | undefined {
    this.#byId ??= indexOf(this.#spaces);
    return this.#byId.get(id);
  }

  /** The host first, then by kind and name. */
  spaces(): readonly Space[] {
    this.#listed ??= [...this.#spaces].filter((space) => !this.#new.has(space)).sort(compareNames);
    return this.#listed;
  }

  add(space: Space): void {
    this.#spaces.add(space);
    this.#changeNames();
    this.#new.add(space);
    this.#dirty.addSpace(space);
  }

  /** Closes a space and everything that keeps its namespace alive. */
  remove(space: Space): void {
    if (!this.#spaces.delete(space)) return;
    this.#changeNames();
    this.#dirty.delete(space);
    this.#renamed.delete(space);
    if (!this.#new.delete(space)) this.#removed.push({ id: space.id, key: space.key });
    for (const other of this.#spaces) other.nsids.forget(space.key);
    this.#relationsChanged = true;
    space.close();
  }

  /** Gives a space other names, or other containers by the same. */
  rename(space: Space, names: readonly [SpaceName, ...SpaceName[]]): void {
    const before = space.id;
    if (!space.rename(names)) return;
    this.#changeNames();
    if (before !== space.id) {
      this.#relationsChanged = true;
      if (!this.#new.has(space)) this.#removed.push({ id: before, key: space.key });
    }
    this.#renamed.add(space);
  }

  interfaceChanged(space: Space, ifindex: number, what?: { qdiscsChanged: boolean }): void {
    this.#dirty.addInterface(space, ifindex, what);
  }

  spaceChanged(space: Space): void {
    this.#dirty.addSpace(space);
  }

  nsidChanged(space: Space, event: NsidEvent): void {
    space.nsids.apply(event);
    this.#relationsChanged = true;
  }

  /** Events of a space were lost. */
  lost(space: Space): void {
    space.nsids.clear();
    this.#dirty.addSpace(space);
    this.#relationsChanged = true;
  }

  /**
   * Reads what may have changed. A space that changes too fast to be read in one piece stays pending.
   * @throws {KernelError}
   */
  flush(): DiscoveryChange[] {
    const touched: Touched = new Map();
    for (let round = 0; round < ROUNDS; round++) {
      const progress = this.#read(touched);
      if (this.#relationsChanged) this.#relate(touched);
      if (!progress) break;
    }
    const changes: DiscoveryChange[] = this.#removed.map((gone) => ({
      type: 'space-removed',
      ...gone,
    }));
    this.#removed = [];
    for (const space of this.#renamed) touch(touched, space);
    for (const [space, indexes] of touched) changes.push(...this.#publish(space, indexes));
    return changes;
  }

  close(): void {
    for (const space of this.#spaces) space.close();
    this.#spaces.clear();
  }

  #changeNames(): void {
    this.#byId = undefined;
    this.#listed = undefined;
  }

  /** Whether anything was read. */
  #read(touched: Touched): boolean {
    let progress = false;
    for (const [space, stale] of this.#dirty.entries()) {
      const records = unlessInterrupted(() => readStale(space, stale));
      if (!records) continue;
      progress = true;
      this.#dirty.delete(space);
      for (const [ifindex, record] of records) {
        this.#replace(space, ifindex, record);
        touch(touched, space, ifindex);
      }
      if (records.size === 0) touch(touched, space);
    }
    return progress;
  }

  #replace(space: Space, ifindex: number, record: InterfaceRecord | undefined): void {
    const before = space.records.get(ifindex);
    if (record) space.records.set(ifindex, record);
    else space.records.delete(ifindex);
    if (sameRelations(before?.link, record?.link)) return;
    this.#relationsChanged = true;
    // The other end of a veth is not told that this one has moved.
    const peer = space.peers.get(ifindex);
    const peerSpace = peer && this.peek(peer.space ?? '');
    if (peer && peerSpace) this.#dirty.addInterface(peerSpace, peer.ifindex);
  }

  /** Finds peers and names of masters anew, and adds the interfaces for which they are others. */
  #relate(touched: Touched): void {
    this.#relationsChanged = false;
    for (const [space, indexes] of touched) {
      for (const { link } of space.records.values()) {
        if (indexes.has(link.masterIfindex ?? 0)) indexes.add(link.ifindex);
      }
    }
    const found = findPeers([...this.#spaces].sort(compareNames));
    for (const [space, peers] of found) {
      for (const ifindex of new Set([...space.peers.keys(), ...peers.keys()])) {
        const same = samePeer(space.peers.get(ifindex) ?? null, peers.get(ifindex) ?? null);
        if (!same) touch(touched, space, ifindex);
      }
      space.peers = peers;
    }
    this.#suspectLonely(touched);
  }

  /**
   * A veth that has come from a namespace that is not known here has a peer whose record is older than
   * that, and which is as lonely.
   */
  #suspectLonely(touched: Touched): void {
    for (const [space, indexes] of [...touched]) {
      for (const ifindex of indexes) {
        const peer = space.peers.get(ifindex);
        if (peer?.space !== null) continue;
        for (const other of this.#spaces) {
          const lonely = other.peers.get(peer.ifindex)?.space === null;
          const known = touched.get(other)?.has(peer.ifindex);
          if (lonely && !known) this.#dirty.addInterface(other, peer.ifindex);
        }
      }
    }
  }

  #publish(space: Space, indexes: ReadonlySet<number>): DiscoveryChange[] {
    if (this.#new.has(space)) {
      if (this.#dirty.has(space)) return [];
      this.#new.delete(space);
      this.#renamed.delete(space);
      this.#changeNames();
      publishInterfaces(space, space.records.keys());
      return [{ type: 'space', space }];
    }
    if (this.#renamed.delete(space)) {
      // Those that are gone are in the old view only, and what was known of them has to end as well.
      const all = new Set([...space.records.keys(), ...space.interfaces.keys()]);
      const changes = publishInterfaces(space, all);
      const removed = changes.filter(({ type }) => type === 'interface-removed');
      return [{ type: 'space', space }, ...removed];
    }
    return publishInterfaces(space, indexes);
  }
}

function readStale(space: Space, stale: Stale): Map<number, InterfaceRecord | undefined> {
  const { netlink, records } = space;
  if (!stale.everything) return readSome(netlink, stale.interfaces, records);
  const read: Map<number, InterfaceRecord | undefined> = readAll(netlink);
  for (const ifindex of records.keys()) if (!read.has(ifindex)) read.set(ifindex, undefined);
  return read;
}

function publishInterfaces(space: Space, indexes: Iterable<number>): DiscoveryChange[] {
  const changes: DiscoveryChange[] = [];
  for (const ifindex of [...indexes].sort((a, b) => a - b)) {
    const before = space.interfaces.get(ifindex);
    const view = space.view(ifindex);
    if (view && !(before && sameInterface(before, view))) {
      space.put(view);
      changes.push({ type: 'interface', space, interface: view });
    } else if (before && !view) {
      space.interfaces.delete(ifindex);
      changes.push({ type: 'interface-removed', space, ifindex });
    }
  }
  return changes;
}

function touch(touched: Touched, space: Space, ifindex?: number): void {
  const indexes = touched.get(space) ?? new Set();
  if (ifindex !== undefined) indexes.add(ifindex);
  touched.set(space, indexes);
}

/** Whether two states of an interface mean the same to other interfaces. */
function sameRelations(a: Link | undefined, b: Link | undefined): boolean {
  return (
    a?.name === b?.name &&
    a?.kind === b?.kind &&
    a?.address === b?.address &&
    a?.linkIfindex === b?.linkIfindex &&
    a?.linkNetnsid === b?.linkNetnsid
  );
}

function unlessInterrupted<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof KernelError && error.errno === EINTR) return undefined;
    throw error;
  }
}

function indexOf(spaces: ReadonlySet<Space>): Map<string, Space> {
  const index = new Map<string, Space>();
  for (const space of spaces) for (const id of space.aliases) index.set(id, space);
  // What a space is known by is its own, whatever another has as an alias.
  for (const space of spaces) index.set(space.id, space);
  return index;
}
