import type { LabSwitchName } from '@netweir/api';
import { addBridge, setLinkMaster, setLinkUp } from '@netweir/kernel';
import type { EthernetSwitch, SwitchPort } from './ethernet-switch.ts';
import type { NetworkStack } from './network-stack.ts';

/** A Linux bridge, for kernels without what NftablesSwitch needs. */
export class BridgeSwitch implements EthernetSwitch {
  readonly name: LabSwitchName;
  readonly #stack: NetworkStack;
  readonly #ifindex: number;

  /** @throws {KernelError} */
  constructor(name: LabSwitchName, stack: NetworkStack) {
    this.name = name;
    this.#stack = stack;
    this.#ifindex = stack.takeIfindex();
    const bridge = { name, ifindex: this.#ifindex, multicastSnooping: false };
    stack.change([addBridge(bridge), setLinkUp({ name })]);
  }

  connect({ ifindex }: SwitchPort): void {
    this.#stack.change([setLinkMaster({ ifindex }, this.#ifindex)]);
  }

  /** Nothing is to be done: an interface that is deleted is no port any more. */
  disconnect(): void {}

  end(): void {
    this.#stack.deleteLink(this.#ifindex);
  }
}
