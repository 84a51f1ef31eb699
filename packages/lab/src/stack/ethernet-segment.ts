import { belowRouterAddress, belowRouterName, switchPortName } from '@netweir/api';
import { addMacvlan, addVeth, KernelError, setLinkMtu, setLinkUp } from '@netweir/kernel';
import type { EthernetSwitch, SwitchPort } from './ethernet-switch.ts';
import type { NetworkStack, StackInterface } from './network-stack.ts';
import type { Switches } from './switches.ts';

/** linux/if_ether.h: what an Ethernet frame carries by default. */
const ETH_DATA_LEN = 1500;
const ETH_MAX_MTU = 65_535;

/** The end of a cable: an interface of a stack, not yet up and without addresses. */
export interface Station {
  readonly stack: NetworkStack;
  readonly interface: Pick<StackInterface, 'name' | 'ifindex'>;
  /** Its Ethernet address. */
  readonly address: string;
}

export interface RouterStation extends Station {
  /** Bytes, if it is given an MTU. */
  readonly mtu: number | undefined;
  /** Told that it, or its port, has another MTU. */
  readonly onMtu: () => void;
}

interface RouterMtus {
  /** Of its interface. */
  readonly mtu: number;
  /** Of its port. */
  readonly portMtu: number;
}

/** Where a cable ends at the switch. */
export interface SegmentPort extends SwitchPort {
  /** That of all switches. */
  readonly stack: NetworkStack;
}

/** The Ethernet of one network: its switch, the interface of its router, and those of all others. */
export class EthernetSegment {
  readonly #switches: Switches;
  readonly #switch: EthernetSwitch;
  readonly #router: RouterStation;
  /** That of the router. */
  readonly routerPort: SegmentPort;
  /** The router's MTU, if it was given one. */
  #routerMtu: number | undefined;
  /** MTUs of what is plugged in, by the index of its port. */
  readonly #mtus = new Map<number, number>();
  #inForce: RouterMtus;

  /**
   * Makes a switch without ports.
   * @throws {KernelError}
   */
  constructor(switches: Switches, router: RouterStation) {
    this.#switches = switches;
    this.#router = router;
    this.#routerMtu = router.mtu;
    this.#inForce = this.#routerMtus();
    this.#switch = switches.add();
    this.routerPort = this.port(this.takePort());
  }

  /**
   * Connects the router. Its interface is a macvlan on the other end of its port: with an MTU that is
   * smaller than a frame's length a veth drops what arrives (__is_skb_forwardable()), where a router is to
   * say that it is too big for the next link. Not in the mode passthru, where it would take all that the
   * switch floods for its own (macvlan_handle_frame()), and send it on.
   */
  connectRouter(): void {
    const { stack, interface: own, address } = this.#router;
    const { name, ifindex } = this.routerPort;
    const switches = this.#switches.stack;
    const below = {
      name: belowRouterName(this.#switch.name),
      ifindex: switches.takeIfindex(),
      address: belowRouterAddress(address),
      mtu: ETH_MAX_MTU,
    };
    const { mtu, portMtu } = this.#inForce;
    switches.change([
      addVeth({ name, ifindex, mtu: portMtu }, below),
      setLinkUp({ ifindex }),
      setLinkUp(below),
      addMacvlan({
        ...{ name: own.name, ifindex: own.ifindex, mtu, address },
        ...{ linkIfindex: below.ifindex, mode: 'bridge', netnsFd: stack.namespace.fd },
      }),
    ]);
    this.#switch.connect(this.routerPort);
  }

  /** An index for a port of the switch. */
  takePort(): number {
    return this.#switches.stack.takeIfindex();
  }

  port(ifindex: number): SegmentPort {
    const name = switchPortName(this.#switch.name, ifindex);
    return { stack: this.#switches.stack, name, ifindex };
  }

  /** Connects a station by a pair of veth interfaces, or changes nothing. */
  connect(station: Station, portIfindex: number, mtu: number): void {
    const { stack, interface: own, address } = station;
    const port = this.port(portIfindex);
    const netnsFd = stack.namespace.fd;
    try {
      port.stack.change([
        addVeth(
          { name: port.name, ifindex: portIfindex, mtu },
          { name: own.name, ifindex: own.ifindex, mtu, address, netnsFd },
        ),
        setLinkUp(port),
      ]);
      this.#switch.connect(port);
      this.heedMtu(portIfindex, mtu);
    } catch (error) {
      this.disconnect(portIfindex);
      throw error;
    }
  }

  /** Takes both ends of a cable away at once, and not when the kernel comes to it. */
  disconnect(portIfindex: number): void {
    const port = this.port(portIfindex);
    this.#switch.disconnect(port);
    port.stack.deleteLink(portIfindex);
    if (this.#mtus.delete(portIfindex)) this.#followMtus();
  }

  /** What is plugged in at a port has another MTU. */
  heedMtu(portIfindex: number, mtu: number): void {
    this.#mtus.set(portIfindex, mtu);
    this.#followMtus();
  }

  /** Gives the router's interface an MTU of its own for good. */
  setRouterMtu(mtu: number): void {
    const former = this.#routerMtu;
    this.#routerMtu = mtu;
    try {
      this.#adaptRouter();
    } catch (error) {
      this.#routerMtu = former;
      throw error;
    }
  }

  /** Takes the switch and the router's interface away. */
  end(): void {
    this.#switch.end();
    this.routerPort.stack.deleteLink(this.routerPort.ifindex);
  }

  /** A program may have taken the router's interface away: then there is nothing to adapt. */
  #followMtus(): void {
    try {
      this.#adaptRouter();
    } catch (error) {
      if (!(error instanceof KernelError && error.errnoName === 'ENODEV')) throw error;
    }
  }

  #adaptRouter(): void {
    const { stack, interface: own, onMtu } = this.#router;
    const { ifindex, stack: switches } = this.routerPort;
    const { mtu, portMtu } = this.#routerMtus();
    const { mtu: formerMtu, portMtu: formerPortMtu } = this.#inForce;
    if (mtu === formerMtu && portMtu === formerPortMtu) return;
    if (portMtu !== formerPortMtu) switches.change([setLinkMtu({ ifindex }, portMtu)]);
    if (mtu !== formerMtu) stack.change([setLinkMtu({ ifindex: own.ifindex }, mtu)]);
    this.#inForce = { mtu, portMtu };
    onMtu();
  }

  /**
   * Unless it was given an MTU the router has the least of what is plugged in, as a Linux bridge does
   * (br_mtu_auto_adjust()), and says to others what is too big. Its port takes what any of them sends.
   */
  #routerMtus(): RouterMtus {
    const mtus = [...this.#mtus.values()];
    const mtu = this.#routerMtu ?? Math.min(ETH_DATA_LEN, ...mtus);
    return { mtu, portMtu: Math.max(ETH_DATA_LEN, mtu, ...mtus) };
  }
}
