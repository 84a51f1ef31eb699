import type { Interface, Space } from '@netweir/api';
import { isImpaired } from '../form/ways.ts';

/**
 * The spaces with the interfaces that hold every word, in their own or their space's names, their
 * kind, addresses, MAC, or the word `impaired`. Spaces without any are left out.
 */
export function filterSpaces(spaces: readonly Space[], text: string): readonly Space[] {
  const words = text.toLowerCase().split(/\s+/u).filter(Boolean);
  if (words.length === 0) return spaces;
  return spaces.flatMap((space) => {
    const interfaces = space.interfaces.filter((one) => {
      const subject = subjectOf(space, one);
      return words.every((word) => subject.includes(word));
    });
    if (interfaces.length === 0) return [];
    return [interfaces.length === space.interfaces.length ? space : { ...space, interfaces }];
  });
}

function subjectOf(space: Space, one: Interface): string {
  const addresses = one.addresses.map(({ address }) => address);
  const state = isImpaired(one) ? 'impaired' : '';
  return [`${space.id}/${one.name}`, one.kind, one.mac, ...addresses, state]
    .join(' ')
    .toLowerCase();
}
