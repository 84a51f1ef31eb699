import { NETLINK_NETFILTER, type NetworkNamespace, nftables } from '@netweir/kernel';

/**
 * Carries out changes of a namespace's nftables ruleset as one transaction: packets see all or none of it.
 * @throws {KernelError} of the first that the kernel refused, whereupon nothing has changed
 */
export function changeRuleset(
  namespace: NetworkNamespace,
  commands: readonly nftables.Command[],
): void {
  using netfilter = namespace.netlink({ protocol: NETLINK_NETFILTER });
  nftables.commit(netfilter, commands);
}
