import type { NetworkStack } from '../stack/network-stack.ts';

/** An interface of a node, as the kernel has it now. */
export interface NodeInterface {
  readonly name: string;
  readonly up: boolean;
  /** Whether the other end is up too. */
  readonly carrier: boolean;
  /** Bytes. */
  readonly mtu: number;
  /** With prefix lengths; without link-local ones. */
  readonly addresses: readonly string[];
}

export function readInterfaces(stack: NetworkStack): NodeInterface[] {
  return stack.interfaceNames.map((name) => {
    const { up, carrier, mtu, ifindex } = stack.link({ name });
    return { name, up, carrier, mtu, addresses: stack.addressesOf(ifindex) };
  });
}
