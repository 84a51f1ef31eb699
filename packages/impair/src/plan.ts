import { type ExactDirection, NetweirError } from '@netweir/api';
import {
  deleteQdisc,
  handle,
  type Netem,
  type Qdisc,
  type Request,
  replaceQdisc,
  type Tbf,
  TC_H_ROOT,
} from '@netweir/kernel';
import { NO_DISTRIBUTIONS, netemOf, type SentDistributions } from './mechanism/netem.ts';
import { isRateOnly, tbfOf } from './mechanism/tbf.ts';

/** "NW": the major number of every handle that is ours, so that residue is found without a journal. */
export const OUR_MAJOR = 0x4e57;
export const OUR_ROOT: number = handle(OUR_MAJOR);

/** Sorts packets into classes. */
export type Classifier = 'flower' | 'u32';

/** What the kernel offers to impair with. */
export interface Abilities {
  readonly netem: boolean;
  /** PRNG seeds, since Linux 6.6; older kernels pass the attribute over in silence. */
  readonly netemSeed: boolean;
  readonly tbf: boolean;
  /** A classful tree for rules: htb, and what sorts packets into its classes. */
  readonly classifier: Classifier | undefined;
  /** Whether a netem may duplicate while there is another one on the interface: not so in Linux 6.16 to 7.x. */
  readonly duplicateBesideOthers: boolean;
  /** What an interface receives, by clsact and mirred through an ifb. */
  readonly ifb: boolean;
  /** The userspace engine's own needs: BPF programs on clsact, and TAPs. */
  readonly userspace: boolean;
}

export interface PlanInput {
  readonly ifindex: number;
  readonly interface: string;
  readonly mtu: number;
  readonly wanted: ExactDirection;
  /** What is at the root now; undefined where there is no qdisc at all. */
  readonly root: Qdisc | undefined;
  /** The shapes that our netem was given last; undefined where no journal tells. */
  readonly sent: SentDistributions | undefined;
  /** For a netem whose seed nobody asked for, so that no former seed stays. */
  readonly freshSeed: bigint;
  readonly abilities: Abilities;
}

/** What to send, and what must then be read back. */
export interface Plan {
  readonly requests: readonly Request[];
  readonly expected: Netem | Tbf;
}

/**
 * From what is wanted, what is there and what this kernel can do to kernel operations. One of our
 * own kind is changed in place, so that no packet is lost by the change.
 *
 * @throws NetweirError `kernel-lacks-netem`, `kernel-lacks-feature`
 */
export function plan(input: PlanInput): Plan {
  const { root, ifindex, sent } = input;
  const inPlace = isOurs(root) && root.kind === 'netem';
  const expected = mechanismFor({ ...input, sent: inPlace ? sent : NO_DISTRIBUTIONS });
  const place = { ifindex, parent: TC_H_ROOT, handle: OUR_ROOT, target: input.interface };
  const otherKind = isOurs(root) && root.kind !== expected.kind;
  return {
    // The kernel refuses another kind under a handle that is taken.
    requests: [
      ...(otherKind ? [deleteQdisc(place)] : []),
      ...steps(expected, root).map((step) => replaceQdisc(place, step)),
    ],
    expected,
  };
}

export function isOurs<T extends Pick<Qdisc, 'handle'>>(qdisc: T | undefined): qdisc is T {
  return qdisc?.handle === OUR_ROOT;
}

/** Whether this kernel's qdiscs can do all that is wanted. */
export function canByKernel(wanted: ExactDirection, { netem, netemSeed, tbf }: Abilities): boolean {
  if (netem) return netemSeed || wanted.seed === undefined;
  return tbf && wanted.rate !== undefined && isRateOnly(wanted);
}

/** The qdisc that does what is wanted. @throws NetweirError */
export function mechanismFor(
  input: Pick<PlanInput, 'wanted' | 'sent' | 'abilities' | 'mtu' | 'freshSeed'>,
): Netem | Tbf {
  const { wanted, sent, abilities, mtu } = input;
  if (!abilities.netem) return withoutNetem(wanted, mtu, abilities);
  if (wanted.seed !== undefined && !abilities.netemSeed) {
    throw new NetweirError('kernel-lacks-feature', 'this kernel has no seeds for netem', {
      remedy: 'Leave the seed out, or use Linux 6.6 or later.',
    });
  }
  const seeded = abilities.netemSeed ? { ...wanted, seed: wanted.seed ?? input.freshSeed } : wanted;
  return netemOf(seeded, sent);
}

/**
 * The changes that lead to `expected`. Kernels refuse a duplicating netem as long as another netem is
 * on the interface, which a foreign one at the root is until ours has taken its place.
 */
function steps(expected: Netem | Tbf, root: Qdisc | undefined): (Netem | Tbf)[] {
  const replacesNetem = root?.kind === 'netem' && !isOurs(root);
  if (expected.kind === 'netem' && expected.duplicate > 0 && replacesNetem) {
    return [{ ...expected, duplicate: 0 }, ...parts(expected)];
  }
  return parts(expected);
}

/** Two long tables exceed the 64 KiB that one attribute may have: then each travels by itself. */
export function parts(options: Netem | Tbf): (Netem | Tbf)[] {
  if (options.kind !== 'netem' || !options.delayDistribution || !options.slotDistribution) {
    return [options];
  }
  const { slotDistribution: _slot, ...withDelay } = options;
  const { delayDistribution: _delay, ...withSlot } = options;
  return [withDelay, withSlot];
}

function withoutNetem(wanted: ExactDirection, mtu: number, abilities: Abilities): Tbf {
  if (wanted.rate && abilities.tbf && isRateOnly(wanted)) return tbfOf(wanted.rate.bitPerSec, mtu);
  throw new NetweirError(
    'kernel-lacks-netem',
    'this kernel has no sch_netem, which delay, loss, duplication, corruption, reordering and slots need',
    { remedy: `Leave the engine to netweir (auto): its own needs no module. ${NETEM_REMEDY}` },
  );
}

export const NETEM_REMEDY =
  'Load it with `modprobe sch_netem` (Debian and Ubuntu have it in linux-image or linux-modules-extra, Fedora in kernel-modules-extra), or boot a kernel built with CONFIG_NET_SCH_NETEM.';
