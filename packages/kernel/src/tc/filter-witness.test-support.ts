import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { addClass } from './class.ts';
import { dumpFilters, ETH_P_ALL, type FilterPlace } from './filter.ts';
import type { FilterOptions } from './filter-options.ts';
import { addQdisc } from './qdisc.ts';
import { rateSpec } from './ratespec.ts';
import { handle } from './tcmsg.ts';
import { makeWire, type Wire } from './witness.test-support.ts';

const MAJOR = 0x4e57;
export const parent: number = handle(MAJOR);
export const classid: number = handle(MAJOR, 2);

export interface Filtered extends Wire {
  readonly place: FilterPlace;
  /** v1 of the same namespace. */
  readonly otherIfindex: number;
  readonly shown: () => string;
  /** The options of all filters but of what stands for a priority or a hash table. */
  readonly read: () => (FilterOptions | undefined)[];
}

/** An htb with one class at the root of v0. */
export function makeFiltered(t: TestContext, suffix: string): Filtered {
  const wire = makeWire(t, suffix);
  const { space, root } = wire;
  space.socket.request(
    addQdisc({ ...root, handle: parent }, { kind: 'htb', defaultMinor: 1, rate2quantum: 10 }),
  );
  const rate = rateSpec(1e6);
  const bytes = { burstBytes: 16_000, cburstBytes: 16_000, quantumBytes: 1600 };
  space.socket.request(
    addClass(
      { ...root, parent, handle: classid },
      { kind: 'htb', rate, ceil: rate, ...bytes, prio: 0 },
    ),
  );
  const [other] = space.ip<{ ifindex: number }>('link', 'show', 'dev', 'v1');
  assert.ok(other);
  return {
    ...wire,
    place: { ifindex: root.ifindex, parent, prio: 9, protocol: ETH_P_ALL, target: 'v0' },
    otherIfindex: other.ifindex,
    shown: () => space.run('tc', 'filter', 'show', 'dev', 'v0', 'parent', '4e57:'),
    read: () =>
      space.socket
        .dump(dumpFilters(root.ifindex, parent))
        .filter(({ handle, kind }) => (kind === 'u32' ? (handle & 0xfff) !== 0 : handle !== 0))
        .map(({ options }) => options),
  };
}
