import {
  type Qdisc,
  type QdiscOptions,
  type Request,
  readTcRequest,
  TC_H_INGRESS,
  TC_H_ROOT,
} from '@netweir/kernel';
import type { InterfaceNameOf } from './filter-words.ts';
import { tcCommandOf } from './tc-command.ts';

/** One step of a change. */
export interface Operation {
  /** What is done, and to what: `replace netem qdisc on eth0`. */
  readonly operation: string;
  /** The lines of `tc` and `ip` that do the same, and behind `#` what they cannot say. */
  readonly command: string;
}

export interface DescribeOptions {
  readonly interfaceNameOf: InterfaceNameOf;
  /** The qdiscs that are there before the first of the requests. */
  readonly before: readonly Qdisc[];
}

/** Requests in words, in their order, for a person who wants to see what would be done. */
export function describeOperations(
  requests: readonly Request[],
  { interfaceNameOf, before }: DescribeOptions,
): Operation[] {
  const there = new Map(before.map((qdisc) => [placeOf(qdisc), qdisc]));
  return requests.map((request) => {
    const changed = follow(there, request);
    return {
      operation: `${request.operation} on ${request.target}`,
      command: tcCommandOf(request, interfaceNameOf, changed),
    };
  });
}

/** Notes what a request leaves in its place, and gives the options of the qdisc that it changes. */
function follow(there: Map<string, Qdisc>, request: Request): QdiscOptions | undefined {
  const tc = readTcRequest(request);
  if (tc?.object !== 'qdisc') return undefined;
  if (tc.verb === 'delete') {
    remove(there, tc.place);
    return undefined;
  }
  const { qdisc } = tc;
  const old = there.get(placeOf(qdisc));
  // The kernel changes one of the same kind and handle, and otherwise makes a new one.
  const isChanged = old?.kind === qdisc.kind && (qdisc.handle === 0 || old.handle === qdisc.handle);
  if (!isChanged) remove(there, qdisc);
  there.set(placeOf(qdisc), qdisc);
  return isChanged ? old.options : undefined;
}

/** With the root goes all that hangs on it. */
function remove(there: Map<string, Qdisc>, place: { ifindex: number; parent: number }): void {
  there.delete(placeOf(place));
  if (place.parent !== TC_H_ROOT) return;
  for (const [key, { ifindex, parent }] of there) {
    if (ifindex === place.ifindex && parent !== TC_H_INGRESS) there.delete(key);
  }
}

function placeOf({ ifindex, parent }: { ifindex: number; parent: number }): string {
  return `${ifindex} ${parent}`;
}
