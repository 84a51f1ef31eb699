/**
 * Two namespaces joined by a veth, impaired at the near end by one of the engines. All traffic stays on it; both
 * ends know one another's MAC addresses, so that no neighbour has to be asked for while packets are lost.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { exactDirection } from '@netweir/api';
import {
  addAddress,
  addVeth,
  deleteQdisc,
  getLink,
  handle,
  NetworkNamespace,
  replaceNeighbour,
  replaceQdisc,
  setLinkUp,
  TC_H_ROOT,
} from '@netweir/kernel';
import { Engine } from '../../packages/impair/dist/engine/engine.js';
import { hook, removeClsact, unhookRequest } from '../../packages/impair/dist/engine/hook.js';
import {
  distributionsOf,
  NO_DISTRIBUTIONS,
  netemOf,
} from '../../packages/impair/dist/mechanism/netem.js';

/** What this kernel has; without IPv6, a wire carries IPv4 alone. */
export const FAMILIES = existsSync('/proc/net/if_inet6') ? ['v4', 'v6'] : ['v4'];

const PREFIX_LENGTH = { v4: 24, v6: 64 };
const ROOT_HANDLE = handle(0x4e57);

export class Wire {
  near = NetworkNamespace.anonymous();
  far = NetworkNamespace.anonymous();
  #netlink = this.near.netlink();
  #at;
  #shared;
  #own;
  #engineWays = new Set();
  #hasNetem = false;
  /** The shapes of a new qdisc, and of netem once it was sent some. */
  #sent = NO_DISTRIBUTIONS;

  /** `number` tells wires apart that share an engine. */
  constructor({ engine, number = 0 } = {}) {
    this.#shared = engine;
    this.address = {
      near: { v4: `10.57.${number}.1`, v6: `fd57:${number.toString(16)}::1` },
      far: { v4: `10.57.${number}.2`, v6: `fd57:${number.toString(16)}::2` },
    };
    this.#link();
  }

  get #engine() {
    if (this.#shared) return this.#shared;
    this.#own ??= startEngine();
    return this.#own;
  }

  /** From whom the packets of one way come, and to whom they go. */
  ends(way) {
    const near = { namespace: this.near, address: this.address.near };
    const far = { namespace: this.far, address: this.address.far };
    return way === 'egress' ? { from: near, to: far } : { from: far, to: near };
  }

  /** The near end, as an Impairer takes it. */
  get at() {
    return { space: 'bench', namespace: this.near, ...this.#at };
  }

  /** Runs a program at the near end, whatever its exit code. */
  run(command, ...args) {
    return this.near.run(() => {
      try {
        return execFileSync(command, args, { encoding: 'utf8' });
      } catch (error) {
        if (typeof error.stdout === 'string' && error.stdout !== '') return error.stdout;
        throw error;
      }
    });
  }

  /** Impairs one way as a `Direction` says; what is queued stays. */
  impair(engine, way, direction) {
    const exact = exactDirection(direction);
    if (engine === 'kernel') this.#impairByKernel(way, exact);
    else this.#impairByEngine(way, exact);
  }

  /** What waits, was sent and was dropped in a direction of the userspace engine. */
  counters(way) {
    return this.#engine.counters(this.#place(way)).base;
  }

  /** Leaves the wire as it was made. */
  clear() {
    const { ifindex, interface: target } = this.#at;
    if (this.#hasNetem) {
      this.#netlink.request(deleteQdisc({ ifindex, target, parent: TC_H_ROOT, kind: 'netem' }));
    }
    for (const way of this.#engineWays) {
      this.#engine.close(this.#place(way));
      this.#netlink.request(unhookRequest(this.#at, way));
    }
    if (this.#engineWays.size > 0) removeClsact(this.#at);
    this.#engineWays.clear();
    this.#hasNetem = false;
    this.#sent = NO_DISTRIBUTIONS;
  }

  async close() {
    this.clear();
    await this.#own?.stop();
    this.#netlink.close();
    this.near.close();
    this.far.close();
  }

  #impairByKernel(way, exact) {
    if (way !== 'egress') throw new Error('the kernel engine has no ingress');
    const { ifindex, interface: target } = this.#at;
    const place = { ifindex, target, parent: TC_H_ROOT, handle: ROOT_HANDLE };
    this.#netlink.request(replaceQdisc(place, netemOf(exact, this.#sent)));
    this.#sent = distributionsOf(exact);
    this.#hasNetem = true;
  }

  #impairByEngine(way, exact) {
    const place = this.#place(way);
    if (this.#engineWays.has(way)) {
      this.#engine.change(place, { base: exact, rules: [] }, anySeed());
      return;
    }
    hook(this.#at, way, this.#engine.open(place, { base: exact, rules: [] }, anySeed()));
    this.#engineWays.add(way);
  }

  #place(way) {
    return { namespace: this.near, ifindex: this.#at.ifindex, way };
  }

  #link() {
    this.#netlink.request(addVeth({ name: 'v0' }, { name: 'v1', netnsFd: this.far.fd }));
    const far = this.far.netlink();
    const [v0] = this.#netlink.query(getLink({ name: 'v0' }));
    const [v1] = far.query(getLink({ name: 'v1' }));
    this.#at = { netlink: this.#netlink, ifindex: v0.ifindex, interface: 'v0' };
    const { address } = this;
    takeUp(this.#netlink, v0, address.near, { lladdr: v1.address, of: address.far });
    takeUp(far, v1, address.far, { lladdr: v0.address, of: address.near });
    far.close();
  }
}

function anySeed() {
  return randomBytes(8).readBigUInt64LE();
}

/** An engine whose death ends the measurement. */
export function startEngine() {
  return new Engine({
    onFailure: (error) => {
      throw error;
    },
    onLaneFailure: ({ ifindex, way }, errno) => {
      throw new Error(`the engine lost the ${way} of interface ${ifindex}: errno ${errno}`);
    },
  });
}

function takeUp(netlink, { ifindex }, own, peer) {
  netlink.request(setLinkUp({ ifindex }));
  for (const family of FAMILIES) {
    const address = `${own[family]}/${PREFIX_LENGTH[family]}`;
    const noDad = family === 'v6';
    netlink.request(addAddress({ ifindex, address, ...(noDad && { noDad }) }));
    const { lladdr, of } = peer;
    netlink.request(replaceNeighbour({ ifindex, address: of[family], lladdr }));
  }
}
