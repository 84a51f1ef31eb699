import type { PortRange } from './term.ts';

/** The ports whose bits under the mask are those of `port`. */
export interface PortBlock {
  readonly port: number;
  readonly mask: number;
}

/** A range as the fewest blocks of ports that a mask can say: at most 30. */
export function portBlocksOf({ first, last }: PortRange): PortBlock[] {
  const blocks: PortBlock[] = [];
  let port = first;
  while (port <= last) {
    let size = port === 0 ? 0x1_0000 : port & -port;
    while (port + size - 1 > last) size /= 2;
    blocks.push({ port, mask: 0x1_0000 - size });
    port += size;
  }
  return blocks;
}
