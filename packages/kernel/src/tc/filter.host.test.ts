import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { addFilter, deleteFilters, dumpFilters } from './filter.ts';
import type { FilterOptions } from './filter-options.ts';
import { classid, makeFiltered, parent } from './filter-witness.test-support.ts';

describe('filters are what tc shows, and are read as they were made', () => {
  test('by u32, into a class and to another interface, several at one priority', (t) => {
    const wire = makeFiltered(t, 'u');
    const { space, place, otherIfindex, shown } = wire;
    const one: FilterOptions = {
      kind: 'u32',
      classid,
      keys: [
        { offset: 0, mask: 0xff00_0000, value: 0x4500_0000 },
        { offset: 16, mask: 0xffff_ff00, value: 0xcb00_7100 },
      ],
    };
    const two: FilterOptions = {
      kind: 'u32',
      keys: [{ offset: -4, mask: 0xffff_ffff, value: 0xfeff_0001 }],
      actions: [{ kind: 'redirect', toIfindex: otherIfindex }],
    };
    for (const options of [one, two]) space.socket.request(addFilter(place, options));
    assert.match(
      shown(),
      /pref 9 u32 .*flowid 4e57:2 .*\n *match 45000000\/ff000000 at 0.*\n *match cb007100\/ffffff00 at 16/u,
    );
    assert.match(
      shown(),
      /match feff0001\/ffffffff at -4.*\n\s*action .*mirred \(Egress Redirect to device v1\) stolen/u,
    );
    assert.deepEqual(wire.read(), [one, two]);
    space.socket.request(addFilter({ ...place, prio: 10 }, one));
    space.socket.request(deleteFilters(place));
    assert.deepEqual(wire.read(), [one]);
    assert.doesNotMatch(shown(), /pref 9 /u);
    space.socket.request(deleteFilters({ ...place, prio: 10 }));
    assert.equal(shown(), '');
  });

  test('of others are not understood where they say what ours cannot', (t) => {
    const wire = makeFiltered(t, 'o');
    for (const match of ['u32 divisor 4', 'u32 match u32 0 0 at nexthdr+0 classid 4e57:2']) {
      wire.space.run(...`tc filter add dev v0 parent 4e57: protocol ip prio 3 ${match}`.split(' '));
    }
    const filters = wire.space.socket.dump(dumpFilters(wire.root.ifindex, parent));
    assert.ok(filters.length >= 3);
    for (const { options } of filters) assert.equal(options, undefined);
  });
});
