import type { IpFamily } from '@netweir/kernel';
import type { Activities } from '../code/activities.ts';
import { LabError } from '../errors.ts';
import type { Member } from '../node/member.ts';
import { type Reflector, startReflector } from '../reflector/reflector.ts';
import { NetworkStack } from '../stack/network-stack.ts';

/** Of the vantage's only interface. */
const INTERFACE = 'eth0';
const MTU = 1500;

/** A reflector with two addresses and two ports on the exchange. */
export interface Vantage {
  readonly reflector: Reflector;
  close(): Promise<void>;
}

/**
 * Puts a reflector on the exchange that a node leads to, with two addresses of its own and in a namespace of
 * its own, so that it meets nothing that is there. It ends with the exchange at the latest, and leaves
 * nothing.
 * @throws {LabError} ERR_LAB_NO_INTERFACE, ERR_LAB_ADDRESSES_EXHAUSTED
 */
export async function openVantage(
  node: Member,
  { family, port }: { readonly family: IpFamily; readonly port: number },
): Promise<Vantage> {
  const exchange = exchangeOf(node);
  const own = exchange.activities.part();
  try {
    const { stack, addresses } = plugIn(exchange, own);
    const key = family === 4 ? 'ipv4' : 'ipv6';
    const [first, second] = addresses;
    const alternate = { address: second[key], port: port + 1 };
    const options = { address: first[key], port, alternate };
    const reflector = await startReflector(stack, own, options);
    return { reflector, close: () => own.stop() };
  } catch (error) {
    await own.stop();
    throw error;
  }
}

function plugIn({ lan }: Member, own: Activities) {
  if (!lan) throw new TypeError('the exchange serves a network');
  const stack = new NetworkStack('vantage', { forwards: false });
  own.add(() => stack.close());
  const second = lan.subnet.takeHost();
  own.add(() => lan.subnet.giveBackHost(second));
  const plug = lan.plug(stack, INTERFACE, MTU);
  own.add(() => lan.unplug(plug));
  const { ipv4, ipv6 } = lan.subnet.prefixes;
  const more = [`${second.ipv4}/${ipv4.length}`, `${second.ipv6}/${ipv6.length}`];
  const entry = { ...plug.interface, addresses: [...plug.interface.addresses, ...more] };
  stack.start([entry], lan.defaultRoutes(plug));
  lan.ready(plug, stack);
  return { stack, addresses: [plug.host, second] as const };
}

/** The last node up from this one. @throws {LabError} ERR_LAB_NO_INTERFACE */
function exchangeOf(node: Member): Member {
  let member = node;
  while (member.upstream) member = member.upstream;
  if (member.lan) return member;
  throw new LabError('ERR_LAB_NO_INTERFACE', `node ${node.name} is connected to nothing`);
}
