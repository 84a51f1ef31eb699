import { closeSync, existsSync } from 'node:fs';
import {
  addVeth,
  DeadlineMap,
  dumpQdiscs,
  getLink,
  KernelError,
  loadClassifier,
  markAndRedirectIngress,
  type NetlinkSocket,
  NetworkNamespace,
  neutralNetem,
  type QdiscOptions,
  rateSpec,
  replaceQdisc,
  TC_H_ROOT,
} from '@netweir/kernel';
import { rootOf } from '../original.ts';
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
