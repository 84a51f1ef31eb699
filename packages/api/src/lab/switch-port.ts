/**
 * The space of a lab that its switches are in, `lab:LAB/switches`: no node has this name. A switch joins
 * what is plugged into one network; its ports are the other ends of the nodes' interfaces.
 */
export const LAB_SWITCHES = 'switches';

const SWITCHES = new RegExp(`^lab:[^/]+/${LAB_SWITCHES}$`, 'u');
const PORT = /^(sw\d+)p\d+$/u;

/** The name of a port: `sw3p107` is one of the switch `sw3`. */
export function switchPortName(switchName: `sw${number}`, ifindex: number): string {
  return `${switchName}p${ifindex}`;
}

/** The switch that an interface among a lab's switches is a port of, by its name. */
export function switchOfPort(interfaceName: string): string | undefined {
  return PORT.exec(interfaceName)?.[1];
}

/** Whether a space is that of a lab's switches, by its id. */
export function isLabSwitches(spaceId: string): boolean {
  return SWITCHES.test(spaceId);
}
