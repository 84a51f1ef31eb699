import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import {
  addFilter,
  addIfb,
  addQdisc,
  addVeth,
  createNamed,
  deleteFilters,
  deleteNamed,
  ETH_P_ALL,
  type FilterOptions,
  getLink,
  handle,
  ingressPlace,
  type NetlinkSocket,
  rateSpec,
  replaceClass,
  setLinkUp,
  TC_H_CLSACT_INGRESS,
  TC_H_ROOT,
} from '@netweir/kernel';
import type { Way } from '../engine/hook.ts';

const MAJOR = 0x4e57;
/** Minor of the class of the packets that are of no rule. */
const REST = 0xfff;

/** A sender of raw frames, given as lines in hexadecimal, through the qdisc of an interface. */
const SENDER = `
import socket, sys
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
for line in sys.stdin:
    s.send(bytes.fromhex(line))
`;

/**
 * An interface whose packets an htb sorts into a class for each rule: those that it sends, or those that it receives,
 * by way of an ifb. `tc` counts what came to each.
 */
export class Classes {
  readonly #name: string;
  readonly #netlink: NetlinkSocket;
  readonly #way: Way;
  readonly #ifindex: number;
  #rules = 0;

  constructor(t: TestContext, suffix: string, way: Way) {
    this.#way = way;
    this.#name = `nwcl${process.pid}${suffix}`;
    const netns = createNamed(this.#name);
    t.after(() => {
      netns.close();
      deleteNamed(this.#name);
    });
    this.#netlink = netns.netlink();
    t.after(() => this.#netlink.close());
    // Else the kernel sends packets of its own.
    this.run(
      'sysctl',
      '-eqw',
      'net.ipv6.conf.all.disable_ipv6=1',
      'net.ipv6.conf.default.disable_ipv6=1',
    );
    const add = [addVeth({ name: 'v0' }, { name: 'v1' }), addIfb({ name: 'ifb9' })];
    const up = ['v0', 'v1', 'ifb9'].map((name) => setLinkUp({ name }));
    for (const request of [...add, ...up]) this.#netlink.request(request);
    if (way === 'ingress') this.#redirect();
    this.#ifindex = this.#ifindexOf(this.#device);
    this.#netlink.request(
      addQdisc(
        { ifindex: this.#ifindex, parent: TC_H_ROOT, handle: handle(MAJOR), target: this.#device },
        { kind: 'htb', defaultMinor: REST, rate2quantum: 10 },
      ),
    );
    this.#setClass(REST);
  }

  run(command: string, ...args: string[]): string {
    return execFileSync('ip', ['netns', 'exec', this.#name, command, ...args], {
      encoding: 'utf8',
    });
  }

  /** Gives each rule its filters, instead of those before. Throws KernelError. */
  setRules(rules: readonly (readonly FilterOptions[])[]): void {
    for (let rule = 0; rule < this.#rules; rule++) {
      const [error] = this.#netlink.batch([deleteFilters(this.#place(rule))]);
      // A rule may have no filters.
      if (error) assert.equal(error.errnoName, 'ENOENT');
    }
    this.#rules = rules.length;
    for (const [rule, filters] of rules.entries()) {
      this.#setClass(rule + 1);
      for (const options of filters) {
        const classid = handle(MAJOR, rule + 1);
        this.#netlink.request(addFilter(this.#place(rule), { ...options, classid }));
      }
    }
  }

  /** Sends frames, and gives how many were of each rule, and last how many of none. */
  async countsOf(frames: readonly Uint8Array[]): Promise<number[]> {
    const before = this.#counts();
    const input = frames.map((frame) => `${Buffer.from(frame).toString('hex')}\n`).join('');
    const sender = this.#way === 'egress' ? 'v0' : 'v1';
    const args = ['netns', 'exec', this.#name, 'python3', '-c', SENDER, sender];
    execFileSync('ip', args, { input });
    const deadline = performance.now() + 5000;
    for (;;) {
      const counts = this.#counts().map((count, index) => count - (before[index] ?? 0));
      if (counts.reduce((sum, count) => sum + count, 0) >= frames.length) return counts;
      assert.ok(performance.now() < deadline, `of ${frames.length} frames came ${counts}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  get #device(): string {
    return this.#way === 'egress' ? 'v0' : 'ifb9';
  }

  /** By `tc`: its JSON of classes is none. */
  #counts(): number[] {
    const shown = this.run('tc', '-s', 'class', 'show', 'dev', this.#device);
    const counts = new Map<number, number>();
    for (const [, minor = '', packets] of shown.matchAll(
      /class htb 4e57:(\w+) .*\n Sent \d+ bytes (\d+) pkt/gu,
    )) {
      counts.set(Number.parseInt(minor, 16), Number(packets));
    }
    const rules = Array.from({ length: this.#rules }, (_, rule) => counts.get(rule + 1) ?? 0);
    return [...rules, counts.get(REST) ?? assert.fail(shown)];
  }

  #place(rule: number): Parameters<typeof addFilter>[0] {
    return {
      ifindex: this.#ifindex,
      parent: handle(MAJOR),
      prio: rule + 1,
      protocol: ETH_P_ALL,
      target: this.#device,
    };
  }

  #setClass(minor: number): void {
    const place = {
      ifindex: this.#ifindex,
      parent: handle(MAJOR),
      handle: handle(MAJOR, minor),
      target: this.#device,
    };
    const rate = rateSpec(1e9);
    const bytes = { burstBytes: 1e6, cburstBytes: 1e6, quantumBytes: 60_000 };
    this.#netlink.request(
      replaceClass(place, { kind: 'htb', rate, ceil: rate, ...bytes, prio: 0 }),
    );
  }

  #redirect(): void {
    const at = { ifindex: this.#ifindexOf('v0'), target: 'v0' };
    this.#netlink.request(addQdisc({ ...at, ...ingressPlace }, { kind: 'clsact' }));
    this.#netlink.request(
      addFilter(
        { ...at, parent: TC_H_CLSACT_INGRESS, prio: 1, protocol: ETH_P_ALL },
        {
          kind: 'u32',
          keys: [],
          actions: [{ kind: 'redirect', toIfindex: this.#ifindexOf('ifb9') }],
        },
      ),
    );
  }

  #ifindexOf(name: string): number {
    const [link] = this.#netlink.query(getLink({ name }));
    return link?.ifindex ?? assert.fail(`no ${name}`);
  }
}
