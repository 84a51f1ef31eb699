import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KernelError } from '../errors.ts';
import { deleteFilters, dumpFilters } from './filter.ts';
import { ingressPlace } from './ingress.ts';
import { addQdisc } from './qdisc.ts';
import { addRedirectFilter } from './redirect-filter.ts';
import { TC_H_CLSACT_EGRESS } from './tcmsg.ts';
import { makeWire } from './witness.test-support.ts';

test('a filter that redirects every packet is what tc shows, until it is deleted', (t) => {
  const { space, root } = makeWire(t, 'r');
  const { ifindex, target } = root;
  const [to] = space.ip<{ ifindex: number }>('link', 'show', 'dev', 'v1');
  assert.ok(to);
  const place = { ifindex, target, parent: TC_H_CLSACT_EGRESS, prio: 7 };
  space.socket.request(addQdisc({ ...root, ...ingressPlace }, { kind: 'clsact' }));
  space.socket.request(addRedirectFilter(place, to.ifindex));
  const shown = space.run('tc', 'filter', 'show', 'dev', 'v0', 'egress');
  assert.match(shown, /pref 7 u32 .*\n *match 00000000\/00000000 at 0\n/);
  assert.match(shown, /mirred \(Egress Redirect to device v1\) stolen/);
  space.socket.request(deleteFilters(place));
  assert.deepEqual(space.socket.dump(dumpFilters(ifindex, TC_H_CLSACT_EGRESS)), []);
  assert.throws(
    () => space.socket.request(deleteFilters(place)),
    (error) => error instanceof KernelError && error.errnoName === 'ENOENT',
  );
});
