import { closeSync, existsSync } from 'node:fs';
import {
  addClass,
  addFilter,
  addIfb,
  addQdisc,
  addRedirectFilter,
  addVeth,
  DeadlineMap,
  deleteLink,
  dumpLinks,
  dumpQdiscs,
  ETH_P_ALL,
  getLink,
  handle,
  ingressPlace,
  KernelError,
  loadClassifier,
  markAndRedirectIngress,
  type NetlinkSocket,
  NetworkNamespace,
  neutralNetem,
  openTap,
  type QdiscOptions,
  type Request,
  rateSpec,
  replaceQdisc,
  TC_H_CLSACT_EGRESS,
  TC_H_CLSACT_INGRESS,
  TC_H_ROOT,
} from '@netweir/kernel';
import { rootOf } from '../original/original.ts';
import type { Abilities, Classifier } from '../plan.ts';
import { filtersOf } from '../traffic/filters.ts';
import { termsOf } from '../traffic/term.ts';

const PROBED_SEED = 0x4e57n;
/** What the ifb module names those that it makes by itself. */
const UNASKED = /^ifb[01]$/u;
/** Flower first: it looks at a packet once for all rules that ask for the same of it. */
const CLASSIFIERS: readonly Classifier[] = ['flower', 'u32'];

/**
 * What this kernel can impair with, found out by trying on a veth in a namespace of its own that
 * nobody sees and that is gone afterwards. The kernel loads a missing module by this, where it can.
 *
 * @throws KernelError where not even a namespace can be made: EPERM without CAP_SYS_ADMIN
 */
export function probeAbilities(): Abilities {
  using namespace = NetworkNamespace.anonymous();
  using netlink = namespace.netlink();
  netlink.request(addVeth({ name: 'probe0' }, { name: 'probe1' }));
  const [link] = netlink.query(getLink({ name: 'probe0' }));
  if (!link) throw new Error('the veth that was just made is not there');
  const netem = takes(netlink, link.ifindex, { ...neutralNetem, seed: PROBED_SEED });
  const root = rootOf(netlink.dump(dumpQdiscs(link.ifindex)));
  const netemSeed = root?.options?.kind === 'netem' && root.options.seed === PROBED_SEED;
  const tbf = takes(netlink, link.ifindex, {
    kind: 'tbf',
    rate: rateSpec(125_000),
    burstBytes: 2000,
    limitBytes: 4000,
  });
  return {
    ...{ netem, netemSeed, tbf },
    classifier: classifierOf(netlink, link.ifindex),
    duplicateBesideOthers: netem && duplicatesBesideOthers(netlink, link.ifindex),
    ifb: redirectsToIfb(netlink, link.ifindex),
    userspace: runsPrograms(),
  };
}

const HTB = handle(1);

/** What sorts packets into classes of htb; undefined where there is no htb either. */
function classifierOf(netlink: NetlinkSocket, ifindex: number): Classifier | undefined {
  const htb: QdiscOptions = { kind: 'htb', defaultMinor: 1, rate2quantum: 10 };
  if (!takes(netlink, ifindex, htb, HTB)) return undefined;
  const place = { ifindex, parent: HTB, protocol: ETH_P_ALL, target: 'probe0' };
  const [term] = termsOf({ protocol: 'tcp', remotePorts: ['1-2'], family: 4 }, new Map(), 'egress');
  return CLASSIFIERS.find((classifier, index) =>
    filtersOf(term ? [term] : [], classifier).every((options) =>
      tries(netlink, addFilter({ ...place, prio: index + 1 }, { ...options, classid: HTB })),
    ),
  );
}

/** Linux 6.16 refuses a netem that duplicates while there is another one on the interface. */
function duplicatesBesideOthers(netlink: NetlinkSocket, ifindex: number): boolean {
  const place = { ifindex, target: 'probe0' };
  // htb cannot be changed, only replaced by another one.
  const root = 0x100;
  if (!takes(netlink, ifindex, { kind: 'htb', defaultMinor: 1, rate2quantum: 10 }, handle(root)))
    return true;
  const rate = rateSpec(125_000);
  const requests = [1, 2].flatMap((minor) => [
    addClass(
      { ...place, parent: handle(root), handle: handle(root, minor) },
      {
        ...{ kind: 'htb', rate, ceil: rate, burstBytes: 2000, cburstBytes: 2000 },
        ...{ quantumBytes: 2000, prio: 0 },
      },
    ),
    addQdisc(
      { ...place, parent: handle(root, minor), handle: handle(root + minor) },
      { ...neutralNetem, duplicate: 1 },
    ),
  ]);
  return netlink.batch(requests).every((error) => error === undefined);
}

function redirectsToIfb(netlink: NetlinkSocket, ifindex: number): boolean {
  if (!addsIfb(netlink)) return false;
  const [ifb] = netlink.query(getLink({ name: 'probe2' }));
  const place = { ifindex, target: 'probe0', ...ingressPlace };
  const filter = { ifindex, parent: TC_H_CLSACT_INGRESS, prio: 1, target: 'probe0' };
  return (
    ifb !== undefined &&
    tries(netlink, addQdisc(place, { kind: 'clsact' })) &&
    tries(netlink, addRedirectFilter(filter, ifb.ifindex))
  );
}

/**
 * When the kernel loads the module for the first ifb, that makes two more in the machine's first namespace
 * (`numifbs`): what came with this one goes again.
 */
function addsIfb(netlink: NetlinkSocket): boolean {
  using namespace = NetworkNamespace.current();
  using own = namespace.netlink();
  const before = new Set(ifbsOf(own));
  if (!tries(netlink, addIfb({ name: 'probe2' }))) return false;
  for (const ifindex of ifbsOf(own)) {
    if (!before.has(ifindex)) own.request(deleteLink({ ifindex }));
  }
  return true;
}

function ifbsOf(netlink: NetlinkSocket): number[] {
  return netlink
    .dump(dumpLinks({ stats: false }))
    .filter(({ kind, name, up }) => kind === 'ifb' && UNASKED.test(name) && !up)
    .map(({ ifindex }) => ifindex);
}

/** False where the kernel does not know what is asked for, or cannot do it. */
function tries(netlink: NetlinkSocket, request: Request): boolean {
  const [error] = netlink.batch([request]);
  return error === undefined;
}

function takes(
  netlink: NetlinkSocket,
  ifindex: number,
  options: QdiscOptions,
  qdiscHandle?: number,
): boolean {
  const place = { ifindex, parent: TC_H_ROOT, target: 'probe0' };
  try {
    netlink.request(
      replaceQdisc({ ...place, ...(qdiscHandle && { handle: qdiscHandle }) }, options),
    );
    return true;
  } catch (error) {
    // "Specified qdisc kind is unknown"
    if (error instanceof KernelError && error.errnoName === 'ENOENT') return false;
    throw error;
  }
}

/**
 * Whether the userspace engine could run by `mirred`: for namespaces of this process's own, where
 * `probeAbilities` says that it cannot run by programs.
 *
 * @throws KernelError where not even a namespace can be made
 */
export function probeMirred(): boolean {
  using namespace = NetworkNamespace.anonymous();
  using netlink = namespace.netlink();
  const place = { target: 'probe' };
  try {
    const { fd, ifindex } = openTap(namespace, { name: 'probe', queueLength: 1 });
    try {
      netlink.request(addQdisc({ ...place, ifindex, ...ingressPlace }, { kind: 'clsact' }));
      const hook = { ...place, ifindex, parent: TC_H_CLSACT_EGRESS, prio: 1 };
      netlink.request(addRedirectFilter(hook, ifindex));
      return true;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (error instanceof KernelError) return false;
    throw error;
  }
}

/** Whether the userspace engine's programs can be loaded: what else it needs, every kernel has. */
function runsPrograms(): boolean {
  try {
    using deadline = new DeadlineMap();
    closeSync(loadClassifier('netweir_probe', markAndRedirectIngress({ ifindex: 1, mark: 1 })));
    return deadline.fd >= 0 && existsSync('/dev/net/tun');
  } catch (error) {
    if (error instanceof KernelError) return false;
    throw error;
  }
}
