import type { Flower, FlowerPorts } from '@netweir/kernel';
import { portBlocksOf } from './port-blocks.ts';
import type { PortRange, Term } from './term.ts';

const ETHERTYPES = { 4: 0x0800, 6: 0x86dd } as const;
const DSCP_MASK = 0xfc;
const ANY_PORT = 0xffff;

/** The filters of cls_flower that together take the packets of a term. */
export function flowerFiltersOf(term: Term): Flower[] {
  const { family, protocol, source, destination, dscp, sourcePorts, destinationPorts } = term;
  const base: Flower = {
    kind: 'flower',
    ethType: ETHERTYPES[family],
    ...(protocol !== undefined && { ipProtocol: protocol }),
    ...(source && { source }),
    ...(destination && { destination }),
    ...(dscp !== undefined && { tos: { value: dscp << 2, mask: DSCP_MASK } }),
    // A fragment's ports read as 0, which a range may contain.
    ...((sourcePorts || destinationPorts) && { fragment: false }),
  };
  const sources = choicesOf(sourcePorts, destinationPorts);
  const destinations = choicesOf(destinationPorts, sourcePorts);
  return sources.flatMap((from) =>
    destinations.map((to) => ({
      ...base,
      ...(from && { sourcePorts: from }),
      ...(to && { destinationPorts: to }),
    })),
  );
}

/** Kernels before 6.14 cannot have a range at one end and a port at the other: there the range is split. */
function choicesOf(
  range: PortRange | undefined,
  other: PortRange | undefined,
): (FlowerPorts | undefined)[] {
  if (!range || isAny(range)) return [undefined];
  if (isOne(range)) return [{ port: range.first, mask: 0xffff }];
  return other && isOne(other) ? portBlocksOf(range) : [range];
}

function isOne({ first, last }: PortRange): boolean {
  return first === last;
}

function isAny({ first, last }: PortRange): boolean {
  return first === 0 && last === ANY_PORT;
}
