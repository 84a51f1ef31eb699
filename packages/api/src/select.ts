import type { Container, ContainerRuntime } from './container.ts';
import { isInNetwork, matchesContainer, podName } from './container-match.ts';
import { NetweirError } from './errors/netweir-error.ts';
import { isGlob, matchesGlob } from './glob.ts';
import type { Interface, Inventory, Space, SpaceKind } from './inventory.ts';
import type { ContainerMatch } from './rule.ts';
import type { Target } from './target.ts';

/** One interface that a target means. */
export interface Selected {
  readonly space: Space;
  readonly interface: Interface;
}

/** Under which kind of space a runtime's containers are named; CRI-O's have only their pods. */
const KIND_OF: Readonly<Partial<Record<ContainerRuntime, SpaceKind>>> = {
  docker: 'docker',
  podman: 'podman',
  containerd: 'containerd',
  lxc: 'lxc',
  'systemd-nspawn': 'nspawn',
};

/**
 * The interfaces that the targets mean together, each once, in the order of the targets, and of them
 * those of containers as asked for. Without targets it is all containers that share no network with
 * the host.
 *
 * @throws NetweirError `no-such-space`, `no-such-interface` or `ambiguous-target`
 */
export function selectTargets(
  inventory: Inventory,
  targets: readonly Target[],
  match?: ContainerMatch,
): [Selected, ...Selected[]] {
  const all =
    targets.length === 0
      ? ofContainers(inventory)
      : targets.flatMap((target) => selectTarget(inventory, target));
  const seen = new Set<Interface>();
  const [first, ...rest] = all.filter((one) => {
    if (seen.has(one.interface)) return false;
    seen.add(one.interface);
    return match === undefined || isAsked(match, one);
  });
  if (!first) throw nothingMatches(inventory);
  return [first, ...rest];
}

/**
 * The interfaces that a target means. A space is meant by its id, by an alias, and by the id of a
 * container in it or the start of that, of at least four hexadecimal digits. The host is not meant
 * as a whole through a container that shares its network.
 *
 * @throws NetweirError `no-such-space`, `no-such-interface` or `ambiguous-target`, with what there is
 */
export function selectTarget(inventory: Inventory, target: Target): [Selected, ...Selected[]] {
  const spaces = isGlob(target.space)
    ? spacesLike(inventory, target.space)
    : [ownSpace(inventory, target)];
  const [first, ...rest] = spaces.flatMap((space) =>
    space.interfaces
      .filter(({ name }) =>
        target.interface === undefined ? name !== 'lo' : matchesGlob(name, target.interface),
      )
      .map((one) => ({ space, interface: one })),
  );
  if (first) return [first, ...rest];
  const candidates = spaces.flatMap((s) => s.interfaces.map((i) => `${s.id}/${i.name}`));
  throw new NetweirError(
    'no-such-interface',
    target.interface === undefined
      ? `${target.space} has no interface but lo`
      : `there is no interface ${target.interface} in ${target.space}`,
    { remedy: thereAre(candidates) },
  );
}

/** No pattern means the host through one of its aliases: nobody would expect it among containers. */
function spacesLike(inventory: Inventory, glob: string): readonly Space[] {
  const meant = ({ id, aliases }: Space): boolean =>
    [id, ...aliases].some((name) => matchesGlob(name, glob));
  const spaces = inventory.spaces.filter(
    (space) => meant(space) && (space.kind !== 'host' || matchesGlob(space.id, glob)),
  );
  if (spaces.length > 0) return spaces;
  throw inventory.spaces.some(meant) ? sharesHost(glob) : noSuchSpace(inventory, glob);
}

function ownSpace(inventory: Inventory, { space: name, interface: wanted }: Target): Space {
  const space = selectSpace(inventory, name);
  const isAlias = space.kind === 'host' && name !== space.id;
  if (isAlias && (wanted === undefined || isGlob(wanted))) throw sharesHost(name);
  return space;
}

/**
 * The space that a name means: its id, an alias, or the id of a container in it or the start of that.
 *
 * @throws NetweirError `no-such-space` or `ambiguous-target`, with what there is
 */
export function selectSpace(inventory: Inventory, name: string): Space {
  const exact = inventory.spaces.find(({ id }) => id === name);
  if (exact) return exact;
  const byAlias = inventory.spaces.filter(({ aliases }) => aliases.includes(name));
  const meant = byAlias.length > 0 ? byAlias : spacesByContainerId(inventory, name);
  const [space, ...others] = meant;
  if (!space) throw noSuchSpace(inventory, name);
  if (others.length > 0) {
    throw new NetweirError('ambiguous-target', `${name} means ${meant.length} spaces`, {
      remedy: `Name one of them: ${list(meant.map(({ id }) => id))}.`,
    });
  }
  return space;
}

function spacesByContainerId({ spaces }: Inventory, name: string): readonly Space[] {
  const holding = (test: (container: Container) => boolean): readonly Space[] =>
    spaces.filter(({ containers }) => containers.some(test));
  const exact = holding((container) => name === `${KIND_OF[container.runtime]}:${container.id}`);
  return exact.length > 0 ? exact : holding((container) => startsId(name, container));
}

function startsId(name: string, { runtime, id }: Container): boolean {
  return /:[0-9a-f]{4,}$/u.test(name) && `${KIND_OF[runtime]}:${id}`.startsWith(name);
}

function isAsked(match: ContainerMatch, { space, interface: one }: Selected): boolean {
  return (
    space.containers.some((container) => matchesContainer(match, container)) &&
    isInNetwork(match, one)
  );
}

function ofContainers({ spaces }: Inventory): Selected[] {
  return spaces
    .filter(({ kind, containers }) => kind !== 'host' && containers.length > 0)
    .flatMap((space) =>
      space.interfaces
        .filter(({ name }) => name !== 'lo')
        .map((one) => ({ space, interface: one })),
    );
}

function noSuchSpace({ spaces, stopped }: Inventory, name: string): NetweirError {
  const container = stopped.find((one) => meansContainer(name, one));
  if (container) {
    return new NetweirError(
      'no-such-space',
      `${name} does not run, and has no interfaces: the container is ${container.state}`,
      { remedy: 'Start it; `netweir ls --stopped` lists those that do not run.' },
    );
  }
  const kind = name.slice(0, name.indexOf(':') + 1);
  const ids = spaces.map(({ id }) => id);
  const [same, other] = [true, false].map((like) =>
    ids.filter((id) => id.startsWith(kind) === like),
  );
  return new NetweirError('no-such-space', `there is no space ${name}`, {
    remedy: thereAre([...(same ?? []), ...(other ?? [])]),
  });
}

/** Whether a name or pattern means a container, as it does those that run. */
export function meansContainer(name: string, container: Container): boolean {
  const ids = idsOfContainer(container);
  return ids.some((one) => matchesGlob(one, name)) || startsId(name, container);
}

/** What the space of a container is called while that runs: by its pod, its name, its id. */
export function idsOfContainer({ runtime, name, id, pod }: Container): [string, ...string[]] {
  const kind = KIND_OF[runtime] ?? runtime;
  const [byName, byId] = [`${kind}:${name}`, `${kind}:${id}`];
  return pod ? [`pod:${podName(pod)}`, byName, byId] : [byName, byId];
}

function sharesHost(name: string): NetweirError {
  return new NetweirError(
    'ambiguous-target',
    `${name} has no network of its own: it shares the host's, and all of that would be meant`,
    { remedy: 'Name the interface of the host instead, such as eth0.' },
  );
}

function nothingMatches(inventory: Inventory): NetweirError {
  const all = ofContainers(inventory);
  const containers = new Set(
    all.flatMap(({ space }) =>
      space.containers.map(({ image }) => (image ? `${space.id} (${image})` : space.id)),
    ),
  );
  const networks = new Set(all.flatMap(({ interface: { network } }) => network?.name ?? []));
  return new NetweirError('no-such-interface', 'no container has what is asked for', {
    remedy:
      containers.size === 0
        ? 'There is no running container with a network of its own.'
        : `There are: ${list([...containers])}${networks.size > 0 ? `; networks: ${list([...networks])}` : ''}.`,
  });
}

function thereAre(names: readonly string[]): string {
  return `There are: ${list(names)}.`;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown;
}
