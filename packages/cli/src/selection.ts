import {
  type Interface,
  type InterfaceRef,
  type Inventory,
  parseTarget,
  type Selected,
  selectTarget,
  type Target,
} from '@netweir/api';

/**
 * Reads the targets of a command line.
 *
 * @throws NetweirError `invalid-target`
 */
export function parseTargets(texts: readonly string[]): Target[] {
  return texts.map(parseTarget);
}

/**
 * The interfaces that the targets mean together, each once, in the order of the targets. A target
 * that means nothing stops the command before its first change.
 *
 * @throws NetweirError `no-such-space` or `no-such-interface`
 */
export function selectAll(inventory: Inventory, targets: readonly Target[]): Selected[] {
  const chosen = new Map<string, Selected>();
  for (const target of targets) {
    for (const selected of selectTarget(inventory, target)) {
      chosen.set(`${selected.space.id}/${selected.interface.name}`, selected);
    }
  }
  return [...chosen.values()];
}

/** The inventory with the selected interfaces only, and without spaces that have none of them. */
export function narrow(inventory: Inventory, selected: readonly Selected[]): Inventory {
  const chosen = new Set<Interface>(selected.map((one) => one.interface));
  const spaces = inventory.spaces
    .map((space) => ({ ...space, interfaces: space.interfaces.filter((one) => chosen.has(one)) }))
    .filter((space) => space.interfaces.length > 0);
  const ids = new Set(spaces.map(({ id }) => id));
  return { ...inventory, spaces, probes: inventory.probes.filter(({ space }) => ids.has(space)) };
}

/** The exact names of a selected interface. */
export function refOf({ space, interface: { name } }: Selected): InterfaceRef {
  return { space: space.id, interface: name };
}
