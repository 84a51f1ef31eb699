import { NetweirError } from '@netweir/api';
import type { Lab, LabNode } from '@netweir/lab';

/** @throws NetweirError `no-such-node` */
export function nodeOf({ name: lab, nodes }: Lab, name: string): LabNode {
  const node = nodes.get(name);
  if (node) return node;
  throw new NetweirError('no-such-node', `lab ${lab} has no node ${name}`, {
    remedy: `There are: ${[...nodes.keys()].join(', ')}.`,
  });
}
