/**
 * The space of a lab that its switches are in, `lab:LAB/switches`: no node has this name. A switch joins
 * what is plugged into one network; its ports are the other ends of the nodes' interfaces.
 */
export const LAB_SWITCHES = 'switches';

export type LabSwitchName = `sw${number}`;

const SWITCHES = new RegExp(`^lab:[^/]+/${LAB_SWITCHES}$`, 'u');
const PORT = /^(sw\d+)p\d+$/u;
const BELOW_ROUTER = /^(sw\d+)r$/u;

/** Whether a space is that of a lab's switches, by its id. */
export function isLabSwitches(spaceId: string): boolean {
  return SWITCHES.test(spaceId);
}

/** The name of a port: `sw3p107` is one of the switch `sw3`. */
export function switchPortName(name: LabSwitchName, ifindex: number): string {
  return `${name}p${ifindex}`;
}

/** The switch that an interface among a lab's switches is a port of, by its name. */
export function switchOfPort(interfaceName: string): string | undefined {
  return PORT.exec(interfaceName)?.[1];
}

/** What a router's own interface is on top of: the other end of its port. */
export function belowRouterName(name: LabSwitchName): string {
  return `${name}r`;
}

/** The switch of what a router's own interface is on top of, by the name of that. */
export function switchBelowRouter(interfaceName: string): string | undefined {
  return BELOW_ROUTER.exec(interfaceName)?.[1];
}

/** Its Ethernet address, which is that of the router's interface but for one bit; and the other way round. */
export function belowRouterAddress(mac: string): string {
  const [first = '', ...others] = mac.split(':');
  const other = Number.parseInt(first, 16) ^ 0x04;
  return [other.toString(16).padStart(2, '0'), ...others].join(':');
}
