import type { ExactDirection } from '@netweir/api';
import { Classifier } from '../traffic/classifier.ts';
import { Branch } from './branch.ts';
import { firstByKey, type LaneChange } from './lane-change.ts';
import { writeCounters } from './lane-counters.ts';

import { Schedule } from './schedule.ts';

/** The golden ratio in 64 bits: its multiples are far apart. */
const SEED_STEP = 0x9e37_79b9_7f4a_7c15n;

/** The parts of a lane's traffic: one for each rule, and one for what no rule takes. */
export class Branches {
  readonly #base: Branch;
  #rules: readonly RuleBranch[] = [];
  /** Absent where there are no rules. */
  #classifier: Classifier | undefined;
  /** Where ARP goes, which no rule takes: untouched where anything is, so that it can be found. */
  #arp: Branch;
  #counters: Float64Array;
  /** Those in which packets wait, also of rules that are gone. */
  readonly #schedule = new Schedule<Branch>();
  #touched: Branch[] = [];

  constructor(change: LaneChange, seed: bigint, nowNs: number, counters: Float64Array) {
    this.#base = new Branch(null, seed, nowNs);
    this.#arp = this.#base;
    this.#counters = counters;
    this.configure(change, seed, nowNs, counters);
  }

  /** Takes other settings, and counters for them. What waits stays as it is, in branches that are gone too. */
  configure(change: LaneChange, seed: bigint, nowNs: number, counters: Float64Array): void {
    const { base, rules, table, untouched = -1 } = change;
    this.#counters = counters;
    if (base !== undefined) this.#base.reconfigure(base, seed, nowNs);
    for (const branch of this.#rules) branch.index = -1;
    this.#rules = this.#branchesOf(rules, seed, nowNs);
    this.#classifier = table && new Classifier(table);
    this.#arp = this.#rules[untouched] ?? this.#base;
    for (const [index, branch] of [this.#base, ...this.#rules].entries()) {
      branch.index = index;
      this.settle(branch);
    }
  }

  /** That of an Ethernet frame. */
  of(frame: Uint8Array, offset: number, length: number): Branch {
    const rule = this.#classifier?.classify(frame, offset, length) ?? -1;
    if (rule >= 0) return this.#rules[rule] as Branch;
    return this.#arp !== this.#base && isArp(frame, offset) ? this.#arp : this.#base;
  }

  /** That in which a packet is due next; undefined while none waits. */
  get first(): Branch | undefined {
    return this.#schedule.first;
  }

  /** When the next packet is due; Infinity while none waits. */
  get wakeNs(): number {
    return this.#schedule.wakeNs;
  }

  /** To be told after anything has happened to a branch. */
  settle(branch: Branch): void {
    this.#schedule.set(branch, branch.model.wakeNs);
    if (branch.isTouched) return;
    branch.isTouched = true;
    this.#touched.push(branch);
  }

  /** Writes what has changed to the counters. */
  publish(): void {
    if (this.#touched.length === 0) return;
    for (const branch of this.#touched) {
      branch.isTouched = false;
      if (branch.index >= 0) writeCounters(this.#counters, branch.index, branch);
    }
    this.#touched.length = 0;
  }

  trim(): void {
    this.#base.model.trim();
    for (const { model } of this.#rules) model.trim();
  }

  #branchesOf(rules: LaneChange['rules'], seed: bigint, nowNs: number): RuleBranch[] {
    const before = firstByKey(this.#rules);
    return rules.map(({ key, direction }, index) => {
      const own = BigInt.asUintN(64, seed + SEED_STEP * BigInt(index + 1));
      const branch = before.get(key);
      before.delete(key);
      if (!branch) return new RuleBranch(key, direction ?? null, own, nowNs);
      if (direction !== undefined) branch.reconfigure(direction, own, nowNs);
      return branch;
    });
  }
}

/** Ethertype 0x0806 in an Ethernet frame without a VLAN tag. */
function isArp(frame: Uint8Array, offset: number): boolean {
  return frame[offset + 12] === 0x08 && frame[offset + 13] === 0x06;
}

/** The branch of a rule, by which it is found again. */
class RuleBranch extends Branch {
  readonly key: string;

  constructor(key: string, direction: ExactDirection | null, seed: bigint, nowNs: number) {
    super(direction, seed, nowNs);
    this.key = key;
  }
}
