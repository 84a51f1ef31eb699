import { Classifier } from '../traffic/classifier.ts';
import { Branch } from './branch.ts';
import { writeCounters } from './lane-counters.ts';
import type { LaneRule, LaneWanted } from './lane-wanted.ts';
import { Schedule } from './schedule.ts';

/** The golden ratio in 64 bits: its multiples are far apart. */
const SEED_STEP = 0x9e37_79b9_7f4a_7c15n;

/** The parts of a lane's traffic: one for each rule, and one for what no rule takes. */
export class Branches {
  readonly #base: Branch;
  #rules: readonly Branch[] = [];
  #byKey = new Map<string, Branch>();
  /** Absent where there are no rules. */
  #classifier: Classifier | undefined;
  #counters: Float64Array;
  /** Those in which packets wait, also of rules that are gone. */
  readonly #schedule = new Schedule<Branch>();
  #touched: Branch[] = [];

  constructor({ base, rules }: LaneWanted, seed: bigint, nowNs: number, counters: Float64Array) {
    this.#base = new Branch(base, seed, nowNs);
    this.#counters = counters;
    this.#setRules(rules, seed, nowNs);
  }

  /**
   * Takes other settings. What waits stays as it is, in branches that are gone too. Beside rules, what stays as it
   * was is not touched: neither its generator nor its correlations begin anew.
   */
  configure(
    { base, rules }: LaneWanted,
    seed: bigint,
    nowNs: number,
    counters: Float64Array,
  ): void {
    const hasRules = rules.length > 0 || this.#rules.length > 0;
    this.#counters = counters;
    if (!hasRules || !this.#base.does(base)) this.#base.reconfigure(base, seed, nowNs);
    this.#setRules(rules, seed, nowNs);
  }

  /** That of an Ethernet frame. */
  of(frame: Uint8Array, offset: number, length: number): Branch {
    const rule = this.#classifier?.classify(frame, offset, length) ?? -1;
    return rule < 0 ? this.#base : (this.#rules[rule] as Branch);
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

  #setRules(rules: readonly LaneRule[], seed: bigint, nowNs: number): void {
    const before = new Map(this.#byKey);
    for (const branch of this.#rules) branch.index = -1;
    this.#byKey = new Map();
    this.#rules = rules.map((rule, index) => {
      const own = BigInt.asUintN(64, seed + SEED_STEP * BigInt(index + 1));
      const branch = ruleBranch(rule, before.get(rule.key), own, nowNs);
      // Of two with the same key each has its own queue, and the first takes all packets.
      before.delete(rule.key);
      if (!this.#byKey.has(rule.key)) this.#byKey.set(rule.key, branch);
      return branch;
    });
    this.#classifier =
      rules.length > 0 ? new Classifier(rules.map(({ terms }) => terms)) : undefined;
    for (const [index, branch] of [this.#base, ...this.#rules].entries()) {
      branch.index = index;
      this.settle(branch);
    }
  }
}

function ruleBranch(
  { direction }: LaneRule,
  before: Branch | undefined,
  seed: bigint,
  nowNs: number,
): Branch {
  if (!before) return new Branch(direction, seed, nowNs);
  if (!before.does(direction)) before.reconfigure(direction, seed, nowNs);
  return before;
}
