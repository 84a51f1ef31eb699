import { LAB_SWITCHES } from '@netweir/api';
import { NETLINK_NETFILTER, type NetlinkSocket } from '@netweir/kernel';
import { BridgeSwitch } from './bridge-switch.ts';
import type { EthernetSwitch } from './ethernet-switch.ts';
import { NetworkStack } from './network-stack.ts';
import { hasNftablesSwitches, NftablesSwitch } from './nftables-switch.ts';
import { disableIpv6 } from './sysctl.ts';

/**
 * Beyond those that the kernel gives to others here, and beyond those of nodes: routers' own interfaces are made
 * from here, and some kernels (6.1) look for the index of a new interface where the request comes from, and not
 * where it is to be.
 */
const FIRST_PORT_IFINDEX = 100_001;

/** As this kernel was found to have them. */
let hasNftables: boolean | undefined;

/** The switches of a lab, in a namespace of their own: what runs in nodes cannot get at them. */
export class Switches {
  /** Nothing in it has an address. */
  readonly stack: NetworkStack;
  readonly #netfilter: NetlinkSocket;
  #made = 0;

  /** @throws {KernelError} EPERM without CAP_SYS_ADMIN */
  constructor() {
    this.stack = new NetworkStack(LAB_SWITCHES, {
      forwards: false,
      firstIfindex: FIRST_PORT_IFINDEX,
    });
    try {
      const every = ['all', 'default'].map((name) => ({ name, ipv6: false }));
      disableIpv6(this.stack.namespace, every);
      this.#netfilter = this.stack.namespace.netlink({ protocol: NETLINK_NETFILTER });
    } catch (error) {
      this.stack.close();
      throw error;
    }
    try {
      hasNftables ??= hasNftablesSwitches(this.#netfilter);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** @throws {KernelError} */
  add(): EthernetSwitch {
    this.#made += 1;
    const name = `sw${this.#made}` as const;
    return hasNftables
      ? new NftablesSwitch(name, this.#netfilter)
      : new BridgeSwitch(name, this.stack);
  }

  close(): void {
    this.#netfilter.close();
    this.stack.close();
  }
}
