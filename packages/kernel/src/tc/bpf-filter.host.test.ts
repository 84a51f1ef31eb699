import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { loadClassifier } from '../bpf/program.ts';
import { markAndRedirectIngress } from '../bpf/redirect.ts';
import { KernelError } from '../errors.ts';
import * as libc from '../libc.ts';
import {
  addBpfFilter,
  type BpfFilterPlace,
  bpfFilterName,
  replaceBpfFilter,
} from './bpf-filter.ts';
import { deleteFilters, dumpFilters } from './filter.ts';
import { ingressPlace } from './ingress.ts';
import { addQdisc, deleteQdisc } from './qdisc.ts';
import { TC_H_CLSACT_EGRESS, TC_H_CLSACT_INGRESS } from './tcmsg.ts';
import { makeWire, type Wire } from './witness.test-support.ts';

const HOOKS = { ingress: TC_H_CLSACT_INGRESS, egress: TC_H_CLSACT_EGRESS };
type Hook = keyof typeof HOOKS;

interface TcFilter {
  readonly protocol: string;
  readonly pref: number;
  readonly kind: string;
  readonly options?: {
    readonly handle?: string;
    readonly bpf_name?: string;
    readonly 'direct-action'?: boolean;
  };
}

function makeHooks(t: TestContext, suffix: string): Wire & { programFd: number } {
  const wire = makeWire(t, suffix);
  const { space, root } = wire;
  space.socket.request(addQdisc({ ...root, ...ingressPlace }, { kind: 'clsact' }));
  const programFd = loadClassifier('netweir_test', markAndRedirectIngress({ ifindex: 1, mark: 1 }));
  t.after(() => void libc.close(programFd));
  return { ...wire, programFd };
}

/** What `tc` says, without the entry that stands for a priority as a whole. */
function tcFilters({ space }: Wire, hook: Hook): TcFilter[] {
  const all: TcFilter[] = JSON.parse(
    space.run('tc', '-j', 'filter', 'show', 'dev', 'v0', hook) || '[]',
  );
  return all.filter(({ options }) => options?.handle !== undefined);
}

function names({ space, root }: Wire, hook: Hook): (string | undefined)[] {
  const filters = space.socket.dump(dumpFilters(root.ifindex, HOOKS[hook]));
  return filters.filter(({ handle }) => handle !== 0).map(bpfFilterName);
}

function refused(errnoName: string) {
  return (error: unknown): boolean => error instanceof KernelError && error.errnoName === errnoName;
}

describe('BPF filters on the running kernel', () => {
  for (const hook of ['ingress', 'egress'] as const) {
    test(`are added, replaced and deleted at clsact ${hook} as tc shows them`, (t) => {
      const wire = makeHooks(t, hook);
      const { space, root, programFd } = wire;
      const place = { ...root, parent: HOOKS[hook], prio: 7, handle: 0x4e57 };
      space.socket.request(addBpfFilter(place, { programFd, name: 'one' }));
      const [shown, ...others] = tcFilters(wire, hook);
      assert.deepEqual(others, []);
      assert.deepEqual([shown?.kind, shown?.pref, shown?.protocol], ['bpf', 7, 'all']);
      assert.equal(shown?.options?.handle, '0x4e57');
      assert.equal(shown?.options?.bpf_name, 'one');
      assert.equal(shown?.options?.['direct-action'], true);
      assert.deepEqual(names(wire, hook), ['one']);

      space.socket.request(replaceBpfFilter(place, { programFd, name: 'two' }));
      assert.deepEqual(names(wire, hook), ['two']);
      assert.equal(tcFilters(wire, hook)[0]?.options?.bpf_name, 'two');

      space.socket.request(deleteFilters(place));
      assert.equal(space.run('tc', 'filter', 'show', 'dev', 'v0', hook), '');
    });
  }

  test('are refused where one is already, and missed where none is', (t) => {
    const { space, root, programFd } = makeHooks(t, 'twice');
    const place: BpfFilterPlace = { ...root, parent: TC_H_CLSACT_EGRESS, prio: 1, handle: 1 };
    const add = addBpfFilter(place, { programFd, name: 'one' });
    space.socket.request(add);
    assert.throws(() => space.socket.request(add), refused('EEXIST'));
    const missing = deleteFilters({ ...place, prio: 2 });
    assert.throws(() => space.socket.request(missing), refused('ENOENT'));
  });

  test('are told from the filters of others, which stay', (t) => {
    const wire = makeHooks(t, 'others');
    const { space, root, programFd } = wire;
    const foreign = 'tc filter add dev v0 egress protocol all prio 5 u32 match u32 0 0';
    space.run(...foreign.split(' '));
    const before = space.run('tc', 'filter', 'show', 'dev', 'v0', 'egress');
    const place = { ...root, parent: TC_H_CLSACT_EGRESS, prio: 1, handle: 1 };
    space.socket.request(addBpfFilter(place, { programFd, name: 'ours' }));
    const found = names(wire, 'egress');
    assert.equal(found[0], 'ours');
    assert(found.length > 1 && found.slice(1).every((name) => name === undefined));
    space.socket.request(deleteFilters(place));
    assert.equal(space.run('tc', 'filter', 'show', 'dev', 'v0', 'egress'), before);
  });

  test('go with their clsact', (t) => {
    const wire = makeHooks(t, 'with');
    const { space, root, tc, programFd } = wire;
    const place = { ...root, parent: TC_H_CLSACT_INGRESS, prio: 1, handle: 1 };
    space.socket.request(addBpfFilter(place, { programFd, name: 'ours' }));
    space.socket.request(deleteQdisc({ ...root, ...ingressPlace, kind: 'clsact' }));
    assert.deepEqual(
      tc().map(({ kind }) => kind),
      ['noqueue'],
    );
  });

  test('have a priority', () => {
    const place = { ifindex: 1, parent: TC_H_CLSACT_EGRESS, handle: 1, target: 'v0' };
    for (const prio of [0, -1, 0x1_0000]) {
      assert.throws(() => deleteFilters({ ...place, prio }), RangeError);
    }
  });
});
