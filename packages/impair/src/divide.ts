import { type EngineChoice, NetweirError } from '@netweir/api';
import { isInitialUserNamespace } from '@netweir/kernel';
import type { Redirection } from './engine/hook.ts';
import type { Way } from './journal/entry.ts';
import { type Abilities, canByKernel, NETEM_REMEDY } from './plan.ts';
import type { Reachable } from './reachable.ts';
import { type Asked, directionsOf, WAYS, type WayWanted, wayOf } from './way.ts';

/** Which direction of a setting is whose. */
export interface Division {
  /** Egress by the kernel's qdisc at the root. */
  readonly root: boolean;
  /** Ingress by a qdisc of the kernel's, on an ifb. */
  readonly ifb: boolean;
  /** Ingress by the kernel's qdisc at the root of this, the other end of a veth. */
  readonly peer: Reachable | undefined;
  /** What the userspace engine does. */
  readonly engine: readonly Way[];
}

interface Choices {
  readonly engine?: EngineChoice | undefined;
  readonly persist?: boolean | undefined;
}

interface Means {
  readonly abilities: () => Abilities;
  readonly redirection?: Redirection;
  /** The other end of a veth, where it is known. */
  readonly peer: Reachable | undefined;
}

/**
 * The kernel's where it can do it, and only where it must.
 *
 * @throws NetweirError `kernel-lacks-netem`, `kernel-lacks-feature`
 */
export function divide(
  setting: Asked,
  { engine: choice = 'auto', persist = false }: Choices,
  means: Means,
): Division {
  const abilities = means.abilities();
  const canEngine = abilities.userspace && choice !== 'kernel' && !persist;
  const peer = abilities.ifb || canEngine ? undefined : means.peer;
  const canReach = (way: Way): boolean => way === 'egress' || abilities.ifb || peer !== undefined;
  const isByKernel = (way: Way): boolean => {
    const wanted = wayOf(setting, way);
    if (!wanted || choice === 'userspace') return false;
    if (choice === 'kernel') refuseUnable(wanted, canReach(way), abilities);
    return choice === 'kernel' || (canReach(way) && canWay(wanted, abilities));
  };
  const [root, received] = [isByKernel('egress'), isByKernel('ingress')];
  const engine = WAYS.filter((way) => wayOf(setting, way) && !(way === 'egress' ? root : received));
  if (engine.length > 0 && !abilities.userspace) throw lacksEngine(abilities, means.redirection);
  if (engine.length > 0 && persist) throw endsWithProcess(choice);
  return { root, ifb: received && abilities.ifb, peer: received ? peer : undefined, engine };
}

/** Whether this kernel's qdiscs can do all that is wanted of one direction, where they can get at it. */
function canWay(wanted: WayWanted, abilities: Abilities): boolean {
  return (
    (wanted.rules.length === 0 || abilities.classifier !== undefined) &&
    !lacksDuplicates(wanted, abilities) &&
    directionsOf(wanted).every((direction) => canByKernel(direction, abilities))
  );
}

/** Several netems on one interface, one of which duplicates: refused by Linux 6.16 to 7.x. */
function lacksDuplicates(wanted: WayWanted, { netem, duplicateBesideOthers }: Abilities): boolean {
  if (!netem || duplicateBesideOthers || wanted.rules.length === 0) return false;
  const directions = directionsOf(wanted);
  return (
    directions.length > 1 &&
    directions.some(({ duplicate }) => duplicate && duplicate.probability > 0)
  );
}

/** What the plan does not refuse by itself. */
function refuseUnable(wanted: WayWanted, canReach: boolean, abilities: Abilities): void {
  if (!canReach) {
    throw new NetweirError(
      'kernel-lacks-feature',
      'this kernel has no ifb, without which its qdiscs work on what is sent only',
      {
        remedy:
          'Load it with `modprobe ifb numifbs=0`, leave the engine to netweir (auto), or impair what the other end sends.',
      },
    );
  }
  if (lacksDuplicates(wanted, abilities)) {
    throw new NetweirError(
      'kernel-lacks-feature',
      'this kernel refuses duplication by netem where there is another netem on the interface (Linux 6.16 to 7.x)',
      { remedy: 'Leave the duplication out of the rules, or the engine to netweir (auto).' },
    );
  }
}

function endsWithProcess(engine: EngineChoice): NetweirError {
  const message =
    'what persists must be done by the kernel: the userspace engine, which would have to do this, ends with its process';
  return engine === 'userspace'
    ? new NetweirError('invalid-combination', message, {
        remedy: 'Leave out either the userspace engine or persist.',
      })
    : new NetweirError('kernel-lacks-feature', message, {
        remedy: `Leave persist out. ${NETEM_REMEDY}`,
      });
}

function lacksEngine({ netem }: Abilities, redirection: Redirection | undefined): NetweirError {
  const needs = needsOfEngine(redirection);
  return netem
    ? new NetweirError('kernel-lacks-feature', `this kernel cannot run the userspace engine`, {
        remedy: `Use egress by the kernel's netem: ${needs}.`,
      })
    : new NetweirError(
        'kernel-lacks-netem',
        'this kernel has no sch_netem and cannot run the userspace engine either',
        { remedy: `${NETEM_REMEDY} ${needs[0]?.toUpperCase()}${needs.slice(1)}.` },
      );
}

function needsOfEngine(redirection: Redirection | undefined): string {
  if (redirection === 'mirred') {
    return 'the userspace engine needs cls_u32 and act_mirred (CONFIG_NET_CLS_U32, CONFIG_NET_ACT_MIRRED) and /dev/net/tun';
  }
  return isInitialUserNamespace()
    ? 'the userspace engine needs BPF programs (CONFIG_BPF_SYSCALL, CONFIG_NET_CLS_BPF) and /dev/net/tun'
    : 'the userspace engine needs root: an ordinary user may not load BPF programs';
}
