import { LabName, NetweirError } from '@netweir/api';

/** What of a lab is meant: all of it, a node, or an interface of a node. */
export interface LabTarget {
  readonly lab: string;
  readonly node?: string;
  readonly interface?: string;
}

/**
 * Reads `LAB[/NODE[/INTERFACE]]`, also with the `lab:` of a space before it.
 * @throws NetweirError `invalid-target`
 */
export function parseLabTarget(text: string): LabTarget {
  const [lab = '', node, name, ...more] = text.replace(/^lab:/u, '').split('/');
  const wrong = [lab, node ?? lab].find((part) => !LabName.safeParse(part).success);
  if (wrong !== undefined || name === '' || more.length > 0) {
    throw new NetweirError('invalid-target', `"${text}" is no lab and nothing of one`, {
      remedy: 'Write LAB, LAB/NODE or LAB/NODE/INTERFACE, such as demo/laptop/eth0.',
    });
  }
  return {
    lab,
    ...(node !== undefined && { node }),
    ...(name !== undefined && { interface: name }),
  };
}

/** The space that `LAB/NODE` is. @throws NetweirError `invalid-target` */
export function nodeSpace(text: string): string {
  const { lab, node, interface: name } = parseLabTarget(text);
  if (node !== undefined && name === undefined) return `lab:${lab}/${node}`;
  throw new NetweirError('invalid-target', `"${text}" is not a node of a lab`, {
    remedy: 'Write LAB/NODE, such as demo/laptop; `netweir lab ls` lists them.',
  });
}
