import type { NetweirError } from '@netweir/api';
import type { DiscoveredSpace, Discovery, DiscoveryChange } from '@netweir/discovery';
import { netweirErrorOf, type Reachable } from '@netweir/impair';
import { findReachable } from './reach.ts';

export interface OwnChangesOptions {
  readonly discovery: Discovery;
  readonly tell: (changes: readonly DiscoveryChange[]) => void;
  readonly onProblem: (error: NetweirError) => void;
}

/** What netweir itself has changed, and tells of: the engine's work is no kernel event. */
export class OwnChanges {
  readonly #options: OwnChangesOptions;
  /** Interfaces of which nobody has been told yet. */
  readonly #interfaces = new Set<Reachable>();
  /** Spaces of which nobody has been told yet that rules are not in force there, or are again. */
  readonly #spaces = new Set<DiscoveredSpace>();

  constructor(options: OwnChangesOptions) {
    this.#options = options;
  }

  /** An interface that is to be told of later. */
  addInterface(at: Reachable): void {
    this.#interfaces.add(at);
  }

  /** A space whose problems are to be told later. */
  addSpace(space: DiscoveredSpace): void {
    this.#spaces.add(space);
  }

  /** Tells of an interface now. */
  tell(at: Reachable): void {
    const { discovery, tell } = this.#options;
    discovery.refresh(at.space);
    const found = findReachable(discovery, at);
    if (!found) return;
    const [space, one] = found;
    tell([{ type: 'interface', space, interface: one }]);
  }

  /** Tells of what was to be told later. */
  tellAll(): void {
    const { discovery, tell, onProblem } = this.#options;
    try {
      for (const at of this.#interfaces) {
        this.#interfaces.delete(at);
        this.tell(at);
      }
      for (const space of this.#spaces) {
        this.#spaces.delete(space);
        if (discovery.space(space.id) === space) tell([{ type: 'space', space }]);
      }
    } catch (error) {
      onProblem(netweirErrorOf(error));
    }
  }
}
