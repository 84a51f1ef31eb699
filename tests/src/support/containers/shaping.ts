import type { Facts } from './facts.ts';
import type { Pair } from './pings.ts';

/** What is asked for one container, for all its interfaces. */
export interface Wish {
  readonly name: string;
  readonly options: readonly string[];
  /** What it adds to each round trip, in milliseconds. */
  readonly addedMs: number;
}

/** Another delay for each, now in one direction and now in the other or in both. */
export function wishes(facts: readonly Facts[]): Wish[] {
  return facts.filter(isOnNetworks).map(({ name }, index) => {
    const delayMs = 20 + index;
    const delay = ['--delay', `${delayMs}ms`];
    if (index % 3 === 0) return { name, options: delay, addedMs: delayMs };
    if (index % 3 === 1) return { name, options: [...delay, '--ingress'], addedMs: delayMs };
    return { name, options: [...delay, '--both'], addedMs: 2 * delayMs };
  });
}

/** For each network and each container on it, a neighbour there that pings it. */
export function pairs(facts: readonly Facts[]): Pair[] {
  const attached = facts.filter(isOnNetworks);
  return attached.flatMap((to) =>
    to.networks.flatMap(({ name, addresses }) => {
      const neighbours = attached.filter(
        (other) => other.state === 'running' && other.networks.some((one) => one.name === name),
      );
      const from = neighbours[(neighbours.indexOf(to) + 1) % neighbours.length];
      if (!from || from === to) throw new Error(`${to.name} is alone on ${name}`);
      return addresses.map((address) => ({ from: from.name, to: to.name, address }));
    }),
  );
}

function isOnNetworks({ pid, networks }: Facts): boolean {
  return pid !== null && networks.length > 0;
}
