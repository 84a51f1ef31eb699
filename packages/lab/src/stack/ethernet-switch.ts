import type { LabSwitchName } from '@netweir/api';

/** The end of a cable at a switch. */
export interface SwitchPort {
  readonly name: string;
  readonly ifindex: number;
}

/**
 * What joins the cables of one network: it learns behind which port an address is, sends a frame there, and to
 * all other ports where it is for several or for one that it has not heard of.
 */
export interface EthernetSwitch {
  readonly name: LabSwitchName;
  /** Joins a port. @throws {KernelError} */
  connect(port: SwitchPort): void;
  /** Takes a port out, also one that is there no more, or of which nothing was known. */
  disconnect(port: SwitchPort): void;
  /** Takes the switch away; the ports remain. */
  end(): void;
}
