import type { ImpairmentReport, Operation, RestoreReport } from '@netweir/api';
import {
  type Entry,
  type Impairer,
  netweirErrorOf,
  type Place,
  type Reachable,
} from '@netweir/impair';
import type { ImpairerLease } from '@netweir/lab';
import { keyOf, keyOfPlace } from '../host/reach.ts';
import { loadedLabLibrary } from './lab-library.ts';

type Wanted = Parameters<Impairer['apply']>[1];

export function isLabNode({ space }: Reachable): boolean {
  return space.startsWith('lab:');
}

/**
 * What people set on interfaces of labs, over the conditions of the lab's own: those come back when
 * that is cleared. It is on no disk, because it ends with the lab.
 */
export class LabImpairments {
  #lease: ImpairerLease | undefined;
  /** The lab's own conditions where people have set something else. */
  readonly #own = new Map<string, Wanted>();

  report(at: Reachable): ImpairmentReport {
    return this.#impairer.report(at);
  }

  apply(at: Reachable, wanted: Wanted, expiresAt: Date | undefined): ImpairmentReport {
    const { egress, ingress } = this.report(at);
    const report = this.#impairer.apply(at, wanted, expiresAt);
    const key = keyOf(at);
    if (!this.#own.has(key)) {
      this.#own.set(key, { egress: egress ?? undefined, ingress: ingress ?? undefined });
    }
    return report;
  }

  preview(at: Reachable, wanted: Wanted): Operation[] {
    return this.#impairer.preview(at, wanted);
  }

  /** Puts the lab's own conditions back; where nobody has set others they stay. */
  clear(at: Reachable): ImpairmentReport {
    const own = this.#own.get(keyOf(at));
    if (!own) return this.report(at);
    const isClean = !own.egress && !own.ingress;
    const report = isClean ? this.#impairer.clear(at) : this.#impairer.apply(at, own, undefined);
    this.#own.delete(keyOf(at));
    return report;
  }

  /** The lab itself has changed its conditions there: what people had set is no more. */
  replaced(key: string): void {
    this.#own.delete(key);
  }

  entries(): Entry[] {
    return this.#lease?.impairer.entries() ?? [];
  }

  /** Whether people have set something there. */
  isSet(key: string): boolean {
    return this.#own.has(key);
  }

  /** Lets go of a namespace that is gone, or of one interface of it that is. */
  leave(namespaceKey: string, ifindex?: number): void {
    this.#lease?.impairer.leave(namespaceKey, ifindex);
    const gone = new Set<string>();
    for (const { place } of this.entries()) {
      const key = keyOfPlace(place);
      const isOne = ifindex === undefined || place.ifindex === ifindex;
      if (isOne && key === `${namespaceKey}:${place.ifindex}`) gone.add(key);
    }
    if (gone.size === 0) return;
    this.#impairer.restore(
      () => 'it is gone',
      ({ place }) => gone.has(keyOfPlace(place)),
    );
    for (const key of gone) this.#own.delete(key);
  }

  async close(): Promise<void> {
    await this.#lease?.end();
    this.#lease = undefined;
  }

  holds(entry: Entry): boolean {
    return this.#lease?.impairer.holds(entry) ?? false;
  }

  /** As an Impairer's, of what people have set. */
  restore(
    reach: (place: Place) => Reachable | string,
    which: (entry: Entry) => boolean = () => true,
  ): RestoreReport {
    const report: RestoreReport = { restored: [], skipped: [], failed: [] };
    for (const { place } of this.entries().filter(which)) {
      if (!this.#own.has(keyOfPlace(place))) continue;
      const named = { space: place.space, interface: place.interface };
      try {
        const at = reach(place);
        if (typeof at === 'string') {
          report.skipped.push({ ...named, reason: at });
        } else {
          this.clear(at);
          report.restored.push({ ...named, original: 'as the lab has it' });
        }
      } catch (error) {
        report.failed.push({ ...named, error: netweirErrorOf(error).message });
      }
    }
    return report;
  }

  /** Taken when the first lab needs it: what this machine can do is not asked of who only looks. */
  get #impairer(): Impairer {
    this.#lease ??= newLease();
    return this.#lease.impairer;
  }
}

function newLease(): ImpairerLease {
  const library = loadedLabLibrary();
  if (!library) throw new TypeError('no lab was made in this process');
  return new library.ImpairerLease();
}
