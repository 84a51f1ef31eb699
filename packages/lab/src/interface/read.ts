import type { Link } from '@netweir/kernel';
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
  return presentInterfaces(stack).map(({ name, link: { up, carrier, mtu, ifindex } }) => {
    return { name, up, carrier, mtu, addresses: stack.addressesOf(ifindex) };
  });
}

/** What the lab has made, with what the kernel says of it, without what programs have taken away. */
export function presentInterfaces(stack: NetworkStack): { name: string; link: Link }[] {
  const links = new Map(stack.links().map((link) => [link.ifindex, link]));
  return stack.interfaceNames.flatMap((name) => {
    const link = links.get(stack.interface(name).ifindex);
    return link ? [{ name, link }] : [];
  });
}
