import type { Container, InterfaceNetwork } from '@netweir/api';

/** What tells the networks of an interface from one another. */
export interface Attached {
  readonly mac: string | null;
  readonly addresses: readonly { readonly address: string }[];
}

/**
 * The network of a runtime that an interface is in: the one that gave a container of this space the
 * interface's MAC address, or else one of its IP addresses. Names and order tell nothing.
 */
export function networkOf(
  { mac, addresses }: Attached,
  containers: readonly Container[],
): InterfaceNetwork | null {
  const networks = containers.flatMap((container) => container.networks);
  const found =
    networks.find((network) => mac !== null && network.mac?.toLowerCase() === mac) ??
    networks.find((network) =>
      addresses.some(({ address }) => network.addresses.some((one) => isSame(one, address))),
    );
  if (!found) return null;
  const { name, driver, internal, gateways } = found;
  return { name, driver, internal, gateways };
}

/** Runtimes may write an address with its prefix length, and IPv6 in capital letters. */
function isSame(told: string, address: string): boolean {
  return told.split('/')[0]?.toLowerCase() === address;
}
