import {
  applicationPoint,
  type ContainerMatch,
  type Interface,
  type InterfaceRef,
  type Inventory,
  isNetweirError,
  matchesContainer,
  matchesGlob,
  type Netweir,
  NetweirError,
  parseTarget,
  type Selected,
  selectTargets,
  type Target,
} from '@netweir/api';
import { containerMatchOf } from './container-match.ts';
import { printable } from './output/text.ts';
import type { PlaceFlags, SelectionFlags } from './selection-options.ts';
import type { Terminal } from './terminal.ts';

/** What a command line selects: targets, containers by what they have, or the former of the latter. */
export interface Choice {
  readonly targets: readonly Target[];
  readonly match: ContainerMatch | undefined;
}

/**
 * Reads the targets and selectors of a command line.
 *
 * @throws NetweirError `invalid-target` or `invalid-request`
 */
export function parseChoice(texts: readonly string[], flags: SelectionFlags): Choice {
  const { label, image, network, project } = flags;
  const match = containerMatchOf({ labels: label, image, network, project });
  return { targets: texts.map(parseTarget), match };
}

/** Whether nothing is selected, and so everything may be meant. */
export function isEmpty({ targets, match }: Choice): boolean {
  return targets.length === 0 && match === undefined;
}

/** @throws NetweirError `invalid-request` where nothing is selected */
export function refuseEmpty(choice: Choice): void {
  if (!isEmpty(choice)) return;
  throw new NetweirError('invalid-request', "missing required argument 'targets'", {
    remedy: 'Name targets, or select containers by --label, --image, --network or --project.',
  });
}

/**
 * The interfaces that are selected, each once. A target that means nothing stops the command before
 * its first change.
 *
 * @throws NetweirError `no-such-space`, `no-such-interface` or `ambiguous-target`
 */
export async function select(
  netweir: Netweir,
  { targets, match }: Choice,
): Promise<{ readonly inventory: Inventory; readonly selected: readonly Selected[] }> {
  const inventory = await netweir.inventory();
  try {
    return { inventory, selected: selectTargets(inventory, targets, match) };
  } catch (error) {
    if (!isNetweirError(error) || error.code !== 'no-such-space') throw error;
    // It may be the name of a container that does not run: then the error says so.
    const fuller = await netweir.inventory({ stopped: true });
    return { inventory: fuller, selected: selectTargets(fuller, targets, match) };
  }
}

/**
 * The interfaces to which something is applied, each once. Where `--at` moves them, it says on
 * stderr what that affects.
 *
 * @throws NetweirError as `select` does, and `no-such-interface` where one has no such place
 */
export async function place(
  terminal: Terminal,
  netweir: Netweir,
  choice: Choice,
  { at }: PlaceFlags,
): Promise<readonly Selected[]> {
  const { inventory, selected } = await select(netweir, choice);
  if (at === undefined) return selected;
  const points = selected.map((one) => applicationPoint(inventory, one, at));
  const explained = new Set(points.map(({ explain }) => explain));
  for (const explain of explained) terminal.err(printable(`netweir: ${explain}\n`));
  const placed = new Map(points.map((point) => [point.selected.interface, point.selected]));
  return [...placed.values()];
}

/** The inventory with the selected interfaces only, and without spaces that have none of them. */
export function narrow(
  inventory: Inventory,
  selected: readonly Selected[],
  match: ContainerMatch | undefined,
): Inventory {
  const chosen = new Set<Interface>(selected.map((one) => one.interface));
  const spaces = inventory.spaces
    .map((space) => ({ ...space, interfaces: space.interfaces.filter((one) => chosen.has(one)) }))
    .filter((space) => space.interfaces.length > 0);
  const ids = new Set(spaces.map(({ id }) => id));
  return {
    ...inventory,
    spaces,
    stopped: inventory.stopped.filter((one) => match !== undefined && isMeant(match, one)),
    probes: inventory.probes.filter(({ space }) => ids.has(space)),
  };
}

/** A stopped container has no interfaces: its networks are those that it is to be attached to. */
function isMeant(match: ContainerMatch, container: Inventory['stopped'][number]): boolean {
  const { network } = match;
  return (
    matchesContainer(match, container) &&
    (network === undefined || container.networks.some(({ name }) => matchesGlob(name, network)))
  );
}

/** The exact names of a selected interface. */
export function refOf({ space, interface: { name } }: Selected): InterfaceRef {
  return { space: space.id, interface: name };
}
