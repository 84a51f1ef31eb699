import type { Member } from '../node/member.ts';
import { serveDns } from './dns-server.ts';
import type { NameFiles } from './name-files.ts';
import type { Names } from './names.ts';

/** What a lab knows of names, and where its programs find it. */
export interface Naming {
  readonly names: Names;
  readonly files: NameFiles;
}

/** Answers for a lab's names at addresses of a node. Who asks is known by the address it asks from. */
export function startNameServer(
  { stack, activities }: Member,
  addresses: readonly string[],
  names: Names,
): void {
  for (const address of addresses) {
    serveDns(stack.namespace, activities, address, (from) => {
      const asking = names.ownerOf(from);
      return {
        find: (name) => names.find(name, asking),
        namesOf: (of) => names.namesOf(of, asking),
      };
    });
  }
}
