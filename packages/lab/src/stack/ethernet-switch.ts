import type { LabSwitchName } from '@netweir/api';

/** The end of a cable at a switch. */
export interface SwitchPort {
  readonly name: string;
  readonly ifindex: number;
}

/**
 * What joins the cables of one network: a frame goes to the port of the station that it is for, and to all
 * other ports where it is for several or for one that nobody knows.
 */
export interface EthernetSwitch {
  readonly name: LabSwitchName;
  /** Joins a port behind which a station is, by its Ethernet address. @throws {KernelError} */
  connect(port: SwitchPort, station: string): void;
  /** Takes a port out, also one that is there no more, or of which nothing was known. */
  disconnect(port: SwitchPort): void;
  /** Takes the switch away; the ports remain. */
  end(): void;
}
