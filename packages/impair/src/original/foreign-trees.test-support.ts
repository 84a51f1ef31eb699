import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import {
  createNamed,
  deleteNamed,
  dumpClasses,
  dumpQdiscs,
  formatHandle,
  getLink,
  type NetworkNamespace,
  TC_H_INGRESS,
} from '@netweir/kernel';
import type { Reachable } from '../reachable.ts';
import type { Kinds } from './foreign-tree.test-support.ts';

/** A namespace with `v0`, which has four queues and somebody else's tree, and `v2` to redirect to. */
export interface ForeignSpace {
  readonly at: Reachable;
  readonly stateDirectory: string;
  /** Runs commands of `tc -batch`; those that the kernel refuses are passed over. Returns what it says. */
  readonly tc: (commands: readonly string[]) => string;
  /** All that tc shows of `v0`, and what the kernel says byte for byte, but for counters. */
  readonly shown: () => string[];
  /** Takes everything off `v0`. */
  readonly strip: () => void;
}

export function makeForeignSpace(t: TestContext, suffix: string): ForeignSpace {
  const name = `nwft${process.pid}${suffix}`;
  const namespace = createNamed(name);
  t.after(() => {
    namespace.close();
    deleteNamed(name);
  });
  const quiet = existsSync('/proc/net/if_inet6') ? 'addrgenmode none up' : 'up';
  const lines = [
    'link add v0 numtxqueues 4 numrxqueues 4 type veth peer name v1',
    'link add v2 type veth peer name v3',
    ...['v0', 'v1', 'v2', 'v3'].map((link) => `link set ${link} ${quiet}`),
  ];
  execFileSync('ip', ['-n', name, '-batch', '-'], { input: `${lines.join('\n')}\n` });
  const netlink = namespace.netlink();
  t.after(() => netlink.close());
  const [link] = netlink.query(getLink({ name: 'v0' }));
  assert.ok(link);
  const stateDirectory = mkdtempSync(join(tmpdir(), 'netweir-foreign-'));
  t.after(() => rmSync(stateDirectory, { recursive: true }));
  const at = { space: `netns:${name}`, namespace, ifindex: link.ifindex, interface: 'v0', netlink };
  return {
    at,
    stateDirectory,
    tc: (commands) => runTc(namespace, [], commands),
    shown: () => shownIn(namespace, at),
    strip: () => void runTc(namespace, [], ['qdisc del dev v0 root', 'qdisc del dev v0 ingress']),
  };
}

/** Tries each kind in `space`; all of them are taken off again. */
export function probeKinds({ tc, strip }: ForeignSpace): Kinds {
  const has = (...commands: string[]): boolean => {
    const said = tc(commands);
    strip();
    return !/error|unknown|failed|illegal/iu.test(said);
  };
  const htb = 'qdisc add dev v0 root handle 1: htb';
  const filter = 'filter add dev v0 parent 1: prio 1 protocol ip';
  const qdiscs = ['htb', 'hfsc', 'drr', 'qfq', 'prio bands 3', 'multiq', 'mq'];
  const leaves = [
    'pfifo',
    'bfifo',
    'pfifo_fast',
    'blackhole',
    'fq_codel',
    'codel',
    'fq',
    'sfq',
    'netem',
  ];
  const more = ['cake', 'pie', 'hhf', 'skbprio'];
  const tbf = 'tbf rate 1mbit burst 10k limit 10k';
  const red = 'red limit 400k min 30000 max 90000 avpkt 1000 burst 55 probability 0.02';
  const mqprio = `mqprio num_tc 2 map ${'0 1 '.repeat(8)} queues 2@0 2@2 hw 0`;
  const choke = 'choke limit 1000 bandwidth 10mbit';
  const first = (words: string): string => words.split(' ')[0] ?? '';
  const found = [...qdiscs, ...leaves, ...more, tbf, red, choke, mqprio]
    .filter((kind) => has(`qdisc add dev v0 root ${kind}`))
    .map(first);
  const matches = [
    ...['u32 match u32 0 0', 'flower', 'fw', 'matchall flowid 1:1', 'handle 1 flow hash keys src'],
    "basic match 'cmp(u8 at 0 layer network mask 0xff gt 4)'",
  ];
  const actions = [
    'mirred egress redirect dev v2',
    'gact drop',
    'skbedit mark 1',
    'police rate 1mbit burst 9k',
    'vlan pop',
    'pedit munge ip ttl set 4',
    'csum ip',
    'nat egress 1.1.1.1 2.2.2.2',
    'simple sdata "a"',
  ];
  return {
    qdiscs: new Set([...found, ...(has('qdisc add dev v0 ingress') ? ['ingress', 'clsact'] : [])]),
    filters: new Set(
      matches
        .filter((one) => has(htb, `${filter} ${one}`))
        .map((one) => first(one.replace('handle 1 ', ''))),
    ),
    actions: new Set(
      actions.filter((one) => has(htb, `${filter} u32 match u32 0 0 action ${one}`)).map(first),
    ),
  };
}

/** Qdiscs and classes by their handles: the kernel lists them as its hash tables have them. */
function shownIn(namespace: NetworkNamespace, at: Reachable): string[] {
  const qdiscs = at.netlink.dump(dumpQdiscs(at.ifindex, { invisible: true }));
  const classes = at.netlink.dump(dumpClasses(at.ifindex));
  const parents = new Set(
    [...qdiscs.filter(({ parent }) => parent !== TC_H_INGRESS), ...classes]
      .filter(({ handle }) => handle !== 0)
      .map(({ handle }) => formatHandle(handle)),
  );
  const commands = [
    ...['qdisc show dev v0 invisible', 'class show dev v0'],
    ...[...parents].toSorted().map((parent) => `filter show dev v0 parent ${parent}`),
    ...['filter show dev v0 ingress', 'filter show dev v0 egress'],
  ];
  const objects = runTc(namespace, ['-d'], commands)
    .split(/\n(?=qdisc|class|filter)/u)
    .map((object) => object.trim());
  const isFilter = (object: string): boolean => object.startsWith('filter');
  const raw = [...qdiscs, ...classes].map(
    ({ kind, handle, parent, rawOptions = [] }) =>
      `${kind} ${handle} ${parent} ${Buffer.from(rawOptions).toString('hex')}`,
  );
  return [
    ...objects.filter((object) => !isFilter(object)).toSorted(),
    ...objects.filter(isFilter),
    ...raw.toSorted(),
  ];
}

function runTc(
  namespace: NetworkNamespace,
  options: string[],
  commands: readonly string[],
): string {
  const input = commands.map((command) => `${command}\n`).join('');
  const { stdout, stderr } = namespace.run(() =>
    spawnSync('tc', [...options, '-force', '-batch', '-'], { input, encoding: 'utf8' }),
  );
  return `${stdout}\n${stderr}`;
}
