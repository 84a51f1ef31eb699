import {
  type Abilities,
  Impairer,
  MemoryJournal,
  netweirErrorOf,
  probeAbilities,
  probeMirred,
  type Redirection,
} from '@netweir/impair';

let shared: { readonly impairer: Impairer; users: number } | undefined;
let means: Means | undefined;

/** What this process can impair with. */
interface Means {
  readonly abilities: Abilities;
  readonly redirection: Redirection;
}

/**
 * The impairer of all labs of this process, so that they have one engine's thread between them, and none
 * where the kernel does it all. Its journal ends with the process, as do the interfaces that it tells of.
 */
export class ImpairerLease {
  readonly impairer: Impairer;
  readonly #share: { users: number };

  /** The impairer, where somebody has it. */
  static get existing(): Impairer | undefined {
    return shared?.impairer;
  }

  constructor() {
    shared ??= { impairer: newImpairer(), users: 0 };
    shared.users += 1;
    this.#share = shared;
    this.impairer = shared.impairer;
  }

  /** Gives it back; the last one ends the engine. */
  async end(): Promise<void> {
    this.#share.users -= 1;
    if (this.#share.users > 0) return;
    if (shared === this.#share) shared = undefined;
    await this.impairer.close();
  }
}

function newImpairer(): Impairer {
  means ??= findMeans();
  const { abilities, redirection } = means;
  return new Impairer({
    journal: new MemoryJournal(),
    abilities: () => abilities,
    redirection,
    ownsNamespaces: true,
    owner: 'daemon',
    // It happens while nobody waits for anything.
    onEngineFailure: (error) => process.emitWarning(error),
  });
}

/** The namespaces of a lab are its own: where no program can be loaded, mirred will do. */
function findMeans(): Means {
  try {
    const abilities = probeAbilities();
    if (abilities.userspace) return { abilities, redirection: 'bpf' };
    return { abilities: { ...abilities, userspace: probeMirred() }, redirection: 'mirred' };
  } catch (error) {
    throw netweirErrorOf(error);
  }
}
