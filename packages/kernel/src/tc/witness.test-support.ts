import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { addVeth } from '../route/link-create.ts';
import { makeSpace, type Space } from '../route/witness.test-support.ts';
import { dumpQdiscs, type Qdisc, type QdiscPlace } from './qdisc.ts';
import { TC_H_ROOT } from './tcmsg.ts';

/** A qdisc as `tc -j qdisc show` has it. */
export interface TcQdisc {
  readonly kind: string;
  readonly handle: string;
  readonly parent?: string;
  readonly options: Record<string, unknown>;
}

/** One end of a veth in a namespace of the test's own, with `tc` as the witness. */
export interface Wire {
  readonly space: Space;
  readonly root: QdiscPlace;
  /** What `tc -j qdisc show` says. */
  readonly tc: () => TcQdisc[];
  /** What we read. */
  readonly qdiscs: () => Qdisc[];
}

export function makeWire(t: TestContext, suffix: string): Wire {
  const space = makeSpace(t, suffix);
  space.socket.request(addVeth({ name: 'v0' }, { name: 'v1' }));
  space.run('ip', 'link', 'set', 'v0', 'up');
  space.run('ip', 'link', 'set', 'v1', 'up');
  const [link] = space.ip<{ ifindex: number }>('link', 'show', 'dev', 'v0');
  assert.ok(link);
  return {
    space,
    root: { ifindex: link.ifindex, parent: TC_H_ROOT, target: 'v0' },
    tc: () => JSON.parse(space.run('tc', '-j', 'qdisc', 'show', 'dev', 'v0')),
    qdiscs: () => space.socket.dump(dumpQdiscs(link.ifindex)),
  };
}
