import { closeSync, existsSync } from 'node:fs';
import {
  addQdisc,
  addRedirectFilter,
  addVeth,
  DeadlineMap,
  dumpQdiscs,
  getLink,
  ingressPlace,
  KernelError,
  loadClassifier,
  markAndRedirectIngress,
  type NetlinkSocket,
  NetworkNamespace,
  neutralNetem,
  openTap,
  type QdiscOptions,
  rateSpec,
  replaceQdisc,
  TC_H_CLSACT_EGRESS,
  TC_H_ROOT,
} from '@netweir/kernel';
import { rootOf } from '../original/original.ts';
import type { Abilities } from '../plan.ts';

const PROBED_SEED = 0x4e57n;

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
  return { netem, netemSeed, tbf, userspace: runsPrograms() };
}

function takes(netlink: NetlinkSocket, ifindex: number, options: QdiscOptions): boolean {
  try {
    netlink.request(replaceQdisc({ ifindex, parent: TC_H_ROOT, target: 'probe0' }, options));
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
