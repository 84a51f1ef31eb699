import assert from 'node:assert/strict';
import { Daemon, Site } from './daemon.ts';
import { linkState, TestNamespace, until } from './witness.ts';

const RATE = { rate: { rate: '8mbit' } };

/** Whatever does it: each of them leaves something in the kernel that nobody but netweir takes away. */
export type Engine = 'kernel' | 'userspace';

/**
 * Impairs many interfaces, kills the daemon, and sees how long it takes in ms until tc tells all of them as before:
 * the guardian has to notice, to start and to put back.
 */
export async function crashMany(
  engine: Engine,
  interfaces: number,
  deadlineMs: number,
): Promise<number> {
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
    const impairment = index % 2 === 0 ? { egress: RATE, engine } : { ingress: RATE, engine };
    await daemon.netweir.setImpairment({ space: namespace.space, interface: name }, impairment);
  }
  assert.equal(toolsOf(engine, namespace), interfaces);
  const killedMs = performance.now();
  // Its descriptors take the kernel a while: what is to be seen on the interfaces does not wait for its end.
  const killed = daemon.kill();
  await until('all is as before', deadlineMs, () => state() === before);
  const restoredMs = performance.now() - killedMs;
  await killed;
  return restoredMs;
}

/** Root qdiscs of interfaces and of ifbs, or the TAPs of the userspace engine. */
function toolsOf(engine: Engine, namespace: TestNamespace): number | undefined {
  return engine === 'kernel'
    ? namespace.tc('qdisc').match(/ 4e57: dev /gu)?.length
    : linkState(namespace.name).match(/ nw\d+[ei]: /gu)?.length;
}
