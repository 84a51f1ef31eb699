import assert from 'node:assert/strict';
import type { Impairment } from '@netweir/api';
import { Daemon, Site } from './daemon.ts';
import { linkState, TestNamespace, until } from './witness.ts';

/** By turns; each of them leaves something in the kernel that nobody but netweir takes away. */
const IMPAIRMENTS: readonly Impairment[] = [
  { egress: { rate: { rate: '8mbit' } }, engine: 'kernel' },
  { ingress: { rate: { rate: '8mbit' } }, engine: 'kernel' },
];

/**
 * Impairs many interfaces, kills the daemon, and sees how long it takes in ms until tc tells all of them as before:
 * the guardian has to notice, to start and to put back.
 */
export async function crashMany(interfaces: number, deadlineMs: number): Promise<number> {
  using site = new Site();
  using namespace = new TestNamespace('many');
  const names = Array.from({ length: interfaces / 2 }, (_, pair) => [
    `a${pair}`,
    `b${pair}`,
  ]).flat();
  for (let pair = 0; pair < interfaces / 2; pair++) {
    namespace.ip('link', 'add', `a${pair}`, 'up', 'type', 'veth', 'peer', 'name', `b${pair}`);
    namespace.ip('link', 'set', `b${pair}`, 'up');
  }
  const state = (): string => namespace.tc('qdisc') + linkState(namespace.name);
  await until(
    'the links have settled',
    5000,
    () => !/state UNKNOWN/u.test(linkState(namespace.name)),
  );
  const before = state();
  const daemon = await Daemon.start(site);
  for (const [index, name] of names.entries()) {
    const impairment = IMPAIRMENTS[index % IMPAIRMENTS.length] ?? {};
    await daemon.netweir.setImpairment({ space: namespace.space, interface: name }, impairment);
  }
  // Of the interfaces themselves, and of the ifbs through which they receive.
  const roots = namespace.tc('qdisc').match(/ 4e57: dev /gu)?.length;
  assert.equal(roots, interfaces);
  const killedMs = performance.now();
  await daemon.kill();
  await until('all is as before', deadlineMs, () => state() === before);
  return performance.now() - killedMs;
}
