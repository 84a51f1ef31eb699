import { isDeepStrictEqual } from 'node:util';
import type { Contained } from './containers/contained.ts';
import { HOST, type LabNodeName, namedByFile, namedInLab, type SpaceName } from './space-name.ts';

/** Which names lead to which namespaces, by the keys of the latter. */
export class SpaceBook {
  readonly #hostKey: string;
  readonly #files = new Map<string, string>();
  readonly #nodes = new Map<LabNodeName, string>();
  #contained: ReadonlyMap<string, Contained> = new Map();

  constructor(hostKey: string) {
    this.#hostKey = hostKey;
  }

  /** All names of one namespace. */
  namesOf(key: string): SpaceName[] {
    const names = [...(this.#contained.get(key)?.names ?? [])];
    for (const [name, named] of this.#files) if (named === key) names.push(namedByFile(name));
    for (const [name, named] of this.#nodes) if (named === key) names.push(namedInLab(name));
    if (key === this.#hostKey) names.unshift(HOST);
    return names;
  }

  putFile(name: string, key: string): void {
    this.#files.set(name, key);
  }

  /** The namespace that the file led to. */
  deleteFile(name: string): string | undefined {
    const key = this.#files.get(name);
    this.#files.delete(name);
    return key;
  }

  putNode(name: LabNodeName, key: string): void {
    this.#nodes.set(name, key);
  }

  /** The namespace of the node. */
  deleteNode(name: LabNodeName): string | undefined {
    const key = this.#nodes.get(name);
    this.#nodes.delete(name);
    return key;
  }

  /** Takes what containers are in now; returns the keys of which something differs. */
  contain(contained: ReadonlyMap<string, Contained>): string[] {
    const before = this.#contained;
    this.#contained = contained;
    const keys = new Set([...before.keys(), ...contained.keys()]);
    return [...keys].filter((key) => !isDeepStrictEqual(before.get(key), contained.get(key)));
  }

  /** A process that leads to a namespace. */
  pidOf(key: string): number | undefined {
    return this.#contained.get(key)?.pid;
  }
}
