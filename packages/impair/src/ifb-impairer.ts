import { NetweirError } from '@netweir/api';
import {
  addIfb,
  deleteLink,
  dumpQdiscs,
  getLink,
  KernelError,
  type Link,
  setLinkAlias,
  setLinkTxQueueLength,
  setLinkUp,
} from '@netweir/kernel';
import {
  bringClsact,
  hasClsact,
  redirect,
  redirectedTo,
  removeClsact,
  undirectRequest,
} from './engine/hook.ts';
import { type IfbEntry, lineOf, type Setting } from './journal/entry.ts';
import type { EntryStore, Transaction } from './journal/journal.ts';
import { alsoFailed, netweirErrorOf } from './kernel-error.ts';
import type { Abilities } from './plan.ts';
import { findEntry, placeOf, type Reachable } from './reachable.ts';
import { byNamespace, deleteTogether } from './together.ts';
import {
  carryOut,
  type Device,
  planDevice,
  readTree,
  rootAt,
  type WayReport,
} from './tree/tree.ts';
import { type WayWanted, wayOf } from './way.ts';

const WAY = 'ingress';
/** Marks an ifb as ours, besides its name. */
const IFB_ALIAS = 'netweir';
/** Packets that wait in an ifb for its qdisc: what an interface receives comes in bursts. */
const IFB_QUEUE_LENGTH = 10_000;

/** What an interface does to what it receives, through an ifb of ours. */
export interface IfbReport {
  readonly way: WayReport | undefined;
  readonly entry: IfbEntry | undefined;
}

export interface IfbImpairerOptions {
  readonly journal: EntryStore;
  readonly abilities: () => Abilities;
}

/** The ifb through which an interface receives; 15 bytes hold any index. */
export function ifbName(ifindex: number): string {
  return `nw${ifindex}b`;
}

/**
 * Puts impairments on what interfaces receive: a filter on clsact sends it through an ifb in the same namespace,
 * whose root does what that of an interface does. Journal, kernel, read-back. Every method throws NetweirError.
 */
export class IfbImpairer {
  readonly #options: IfbImpairerOptions;

  constructor(options: IfbImpairerOptions) {
    this.#options = options;
  }

  report(at: Reachable): IfbReport {
    return this.#guard(() =>
      this.#options.journal.transaction((journal) => {
        const entry = findEntry(journal, at, 'ifb');
        return { way: read(at, entry), entry };
      }),
    );
  }

  /** Makes the interface do to what it receives what a setting asks, and nothing else. */
  apply(at: Reachable, setting: Setting): void {
    const wanted = wayOf(setting, WAY);
    if (!wanted) throw new TypeError('the setting asks for nothing of ingress');
    this.#guard(() =>
      this.#options.journal.transaction((journal) => this.#apply(journal, at, setting, wanted)),
    );
  }

  /** Takes the ifb away, also one that is in no journal. */
  clear(at: Reachable): void {
    this.#guard(() =>
      this.#options.journal.transaction((journal) => {
        const entry = findEntry(journal, at, 'ifb');
        if (entry) this.restoreEntry(journal, entry, at);
        else if (ifbOf(at)) take(at, hasClsact(at));
      }),
    );
  }

  /**
   * Takes the ifbs of many interfaces away together: one after the other, the kernel takes some milliseconds for each.
   * What this leaves undone, or is refused, is up to `restoreEntry`.
   */
  takeTogether(all: readonly Reachable[]): void {
    for (const [netlink, those] of byNamespace(all)) {
      const redirected = those.filter((at) => redirectedTo(at) !== undefined);
      netlink.batch(redirected.map(undirectRequest));
      const ifbs = those.map(ifbOf).filter((ifb) => ifb !== undefined);
      deleteTogether(netlink, ifbs);
    }
  }

  /** Takes what an entry tells of off its interface, within a transaction. */
  restoreEntry(journal: Transaction, entry: IfbEntry, at: Reachable): undefined {
    take(at, entry.hadClsact);
    journal.write({ type: 'restored', id: entry.id, outcome: 'original' });
  }

  #apply(journal: Transaction, at: Reachable, setting: Setting, wanted: WayWanted): void {
    const before = findEntry(journal, at, 'ifb');
    const ifb = before && ifbOf(at);
    if (before && ifb && redirectedTo(at) === ifb.ifindex) {
      this.#change(journal, at, deviceOf(at, ifb), before, setting, wanted);
      return;
    }
    const hadClsact = before?.hadClsact ?? hasClsact(at);
    const id = before?.id ?? journal.nextId();
    const place = placeOf(at);
    const entry: IfbEntry = { kind: 'ifb', id, place, hadClsact, setting, slots: [] };
    journal.write(lineOf(entry));
    try {
      take(at, true);
      const device = deviceOf(at, makeIfb(at));
      this.#bring(journal, device, entry, setting, wanted);
      bringClsact(at);
      redirect(at, device.ifindex);
    } catch (error) {
      this.#undo(journal, entry, at, error);
    }
  }

  /** After a failure the former setting is made anew. */
  #change(
    journal: Transaction,
    at: Reachable,
    device: Device,
    before: IfbEntry,
    setting: Setting,
    wanted: WayWanted,
  ): void {
    try {
      this.#bring(journal, device, before, setting, wanted, before);
    } catch (error) {
      const former = wayOf(before.setting, WAY);
      if (!former) this.#undo(journal, before, at, error);
      try {
        if (former) this.#bring(journal, device, before, before.setting, former);
      } catch (second) {
        throw alsoFailed(error, second);
      }
      throw error;
    }
  }

  #bring(
    journal: Transaction,
    device: Device,
    entry: IfbEntry,
    setting: Setting,
    wanted: WayWanted,
    before?: IfbEntry,
  ): void {
    const planned = planDevice(
      device,
      WAY,
      wanted,
      rootAt(device),
      before,
      this.#options.abilities(),
    );
    journal.write({ type: 'changed', id: entry.id, setting, slots: [...planned.slots] });
    carryOut(device, planned);
  }

  #undo(journal: Transaction, entry: IfbEntry, at: Reachable, error: unknown): never {
    try {
      this.restoreEntry(journal, entry, at);
    } catch (second) {
      throw alsoFailed(error, second);
    }
    throw error;
  }

  #guard<T>(action: () => T): T {
    try {
      return action();
    } catch (error) {
      throw netweirErrorOf(error);
    }
  }
}

function deviceOf({ netlink, interface: name }: Reachable, ifb: Link): Device {
  return { netlink, ifindex: ifb.ifindex, interface: name };
}

/** What is behind an ifb counts only while packets are sent there. */
function read(at: Reachable, entry: IfbEntry | undefined): WayReport | undefined {
  const ifb = ifbOf(at);
  if (!ifb || redirectedTo(at) !== ifb.ifindex) return undefined;
  return readTree(at.netlink.dump(dumpQdiscs(ifb.ifindex)), WAY, entry);
}

function makeIfb(at: Reachable): Link {
  const name = ifbName(at.ifindex);
  at.netlink.request(addIfb({ name }));
  const ifb = ifbOf(at);
  if (!ifb) throw new NetweirError('read-back-differs', `${name} is not there after it was made`);
  at.netlink.request(setLinkAlias({ ifindex: ifb.ifindex }, IFB_ALIAS));
  at.netlink.request(setLinkTxQueueLength({ ifindex: ifb.ifindex }, IFB_QUEUE_LENGTH));
  at.netlink.request(setLinkUp({ ifindex: ifb.ifindex }));
  return ifb;
}

/** First the filter, so that nothing is sent to what is going. */
function take(at: Reachable, keepsClsact: boolean): void {
  if (redirectedTo(at) !== undefined) at.netlink.request(undirectRequest(at));
  const ifb = ifbOf(at);
  if (ifb) at.netlink.request(deleteLink({ ifindex: ifb.ifindex }));
  if (!keepsClsact) removeClsact(at);
}

/** The ifb of an interface, by its name and what it is. */
export function ifbOf({ netlink, ifindex }: Reachable): Link | undefined {
  try {
    const [link] = netlink.query(getLink({ name: ifbName(ifindex) }));
    return link?.kind === 'ifb' ? link : undefined;
  } catch (error) {
    if (error instanceof KernelError && error.errnoName === 'ENODEV') return undefined;
    throw error;
  }
}
