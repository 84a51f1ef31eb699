import { KernelError, type NetlinkSocket } from '@netweir/kernel';
import type { Reachable } from './reachable.ts';
import type { Wire } from './wire.test-support.ts';

/** A netlink socket whose `nth` batch is carried out by `batch` instead of the kernel. */
export function meddledAt(nth: number, { at }: Wire, batch: NetlinkSocket['batch']): Reachable {
  let batches = 0;
  const meddled: NetlinkSocket['batch'] = (requests) =>
    ++batches === nth ? batch(requests) : at.netlink.batch(requests);
  const netlink = new Proxy(at.netlink, {
    get: (target, key) => {
      const value = Reflect.get(target, key);
      if (key === 'batch') return meddled;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...at, netlink };
}

export const failure = new KernelError({ operation: 'replace', target: 'v0', errno: 16 });

/** The kernel refuses the `nth` batch and carries none of it out. */
export function failingAt(nth: number, wire: Wire): Reachable {
  return meddledAt(nth, wire, (requests) => requests.map(() => failure));
}

/** The kernel refuses the `nth` request of a type, and does as it is told otherwise. */
export function refusingAt(nth: number, type: number, at: Reachable): Reachable {
  let count = 0;
  const request: NetlinkSocket['request'] = (asked) => {
    if (asked.type === type && ++count === nth) throw failure;
    at.netlink.request(asked);
  };
  const netlink = new Proxy(at.netlink, {
    get: (target, key) => {
      const value = Reflect.get(target, key);
      if (key === 'request') return request;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { ...at, netlink };
}
