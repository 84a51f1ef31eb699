import type { Operation } from '@netweir/api';
import {
  type Filter,
  type Qdisc,
  type QdiscOptions,
  type Request,
  readTcRequest,
  TC_H_INGRESS,
  TC_H_ROOT,
  type TcRequest,
} from '@netweir/kernel';
import type { InterfaceNameOf } from './filter-words.ts';
import { prioForTc, type TcContext, tcCommandOf } from './tc-command.ts';

export interface DescribeOptions {
  readonly interfaceNameOf: InterfaceNameOf;
  /** The qdiscs that are there before the first of the requests. */
  readonly qdiscs: readonly Qdisc[];
  /** The same of the filters, as far as requests delete them. */
  readonly filters?: readonly Filter[];
}

/** Requests in words, in their order, for a person who wants to see what would be done. */
export function describeOperations(
  requests: readonly Request[],
  { interfaceNameOf, qdiscs, filters = [] }: DescribeOptions,
): Operation[] {
  const there = new Tracker(qdiscs, filters);
  return requests.map((request) => {
    const context = there.follow(request);
    return {
      operation: `${request.operation} on ${request.target}`,
      command: tcCommandOf(request, interfaceNameOf, context),
    };
  });
}

/** What the userspace engine does on an interface: no line of tc does the same. */
export function describeEngine(interfaceName: string, way: 'egress' | 'ingress'): Operation {
  const what = `impair by the userspace engine what ${interfaceName} ${way === 'egress' ? 'sends' : 'receives'}`;
  return {
    operation: what,
    command: `# ${what}: a filter on its clsact hands the packets to a thread of netweir, which hands them back`,
  };
}

interface Place {
  readonly ifindex: number;
  readonly parent: number;
}

/** What is there after each of several requests. */
class Tracker {
  readonly #qdiscs = new Map<string, Qdisc>();
  /** The priorities of tc's lines by the place and priority of filters. */
  readonly #prios = new Map<string, Set<number>>();

  constructor(qdiscs: readonly Qdisc[], filters: readonly Filter[]) {
    for (const qdisc of qdiscs) this.#qdiscs.set(keyOf(qdisc), qdisc);
    for (const filter of filters) this.#addFilter(filter);
  }

  /** Notes what a request does, and gives what was there before it. */
  follow(request: Request): TcContext {
    const tc = readTcRequest(request);
    if (tc?.verb === 'delete') return this.#delete(tc);
    if (tc?.object === 'filter') this.#addFilter(tc.filter);
    return tc?.object === 'qdisc' ? { changed: this.#put(tc.qdisc) } : {};
  }

  #put(qdisc: Qdisc): QdiscOptions | undefined {
    const old = this.#qdiscs.get(keyOf(qdisc));
    // The kernel changes one of the same kind and handle, and otherwise makes a new one.
    const isChanged =
      old?.kind === qdisc.kind && (qdisc.handle === 0 || old.handle === qdisc.handle);
    if (!isChanged) this.#remove(qdisc);
    this.#qdiscs.set(keyOf(qdisc), qdisc);
    return isChanged ? old.options : undefined;
  }

  /** With the root goes all that hangs on it. */
  #remove(place: Place): void {
    this.#qdiscs.delete(keyOf(place));
    if (place.parent !== TC_H_ROOT) return;
    for (const [key, { ifindex, parent }] of this.#qdiscs) {
      if (ifindex === place.ifindex && parent !== TC_H_INGRESS) this.#qdiscs.delete(key);
    }
  }

  #delete({ object, place }: Extract<TcRequest, { verb: 'delete' }>): TcContext {
    if (object === 'qdisc') this.#remove(place);
    if (object !== 'filter') return {};
    const key = filterKeyOf(place, place.info >>> 16);
    const prios = this.#prios.get(key);
    this.#prios.delete(key);
    return { prios: prios && [...prios].toSorted((a, b) => a - b) };
  }

  #addFilter(filter: Filter): void {
    // Each priority also comes once by itself.
    if (!filter.rawOptions) return;
    const key = filterKeyOf(filter, filter.prio);
    const prios = this.#prios.get(key) ?? new Set();
    this.#prios.set(key, prios.add(prioForTc(filter)));
  }
}

function keyOf({ ifindex, parent }: Place): string {
  return `${ifindex} ${parent}`;
}

function filterKeyOf(place: Place, prio: number): string {
  return `${keyOf(place)} ${prio}`;
}
