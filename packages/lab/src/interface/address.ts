import {
  broadcastOf,
  formatIpAddress,
  formatIpPrefix,
  type IpPrefix,
  networkOf,
  parseIpPrefix,
} from '@netweir/kernel';
import type { OfFamilies } from '../addressing/ip-support.ts';
import { overlaps, parsePrefix } from '../addressing/prefix.ts';
import type { Subnet } from '../addressing/subnet.ts';
import { LabError } from '../errors.ts';
import type { Member } from '../node/member.ts';
import type { Plug } from '../stack/lan.ts';

/** Gives an interface other addresses of its network; the old ones go once it has the new ones. */
export function renewAddress(member: Member, name: string): OfFamilies {
  const old = member.plug(name);
  const plug = old.lan.renew(old);
  try {
    const { stack } = member;
    stack.replaceAddresses(name, old.interface.addresses, plug.interface.addresses);
  } catch (error) {
    old.lan.release(plug);
    throw error;
  }
  old.lan.release(old);
  member.plugs.set(name, plug);
  if (member.defaultPlug === old) member.defaultPlug = plug;
  tell(member, name);
  return plug.addresses;
}

/** Adds an address beside those that the lab has given. Of the network's own, nobody else gets it. */
export function addAddress(member: Member, name: string, text: string): void {
  const plug = member.plug(name);
  const { lan } = plug;
  const prefix = parseIpPrefix(text);
  if (!lan.has(prefix.family)) {
    throw new LabError(
      'ERR_LAB_NO_ADDRESS',
      `the network of ${name} of node ${member.name} has no IPv${prefix.family}: it is ${lan.ip}`,
      'give its router another `ip`, or plug the interface in elsewhere',
    );
  }
  checkHost(prefix, lan.subnet);
  const address = formatIpPrefix(prefix.bytes, prefix.prefixLength);
  claim(plug, address, formatIpAddress(prefix.bytes));
  try {
    member.stack.addAddress(name, address);
  } catch (error) {
    disclaim(plug, address);
    throw error;
  }
  tell(member, name);
}

/** Takes an address away that was added. */
export function removeAddress(member: Member, name: string, text: string): void {
  const plug = member.plug(name);
  const prefix = parseIpPrefix(text);
  const address = formatIpPrefix(prefix.bytes, prefix.prefixLength);
  const { addresses } = member.stack.interface(name);
  if (!addresses.includes(address) || plug.interface.addresses.includes(address)) {
    throw new LabError(
      'ERR_LAB_NO_ADDRESS',
      `${address} was not added to ${name} of node ${member.name}`,
      'the address that the lab has given changes by renewAddress, or goes with its interface',
    );
  }
  member.stack.removeAddress(name, address);
  disclaim(plug, address);
  tell(member, name);
}

/**
 * An IPv4 address is neither the first nor the last one, which is for all, of its own prefix and of the
 * network that it is added in (RFC 1122 section 3.2.1.3).
 */
function checkHost(prefix: IpPrefix, { prefixes: { ipv4 } }: Subnet): void {
  const address = formatIpAddress(prefix.bytes);
  const isInside = overlaps(ipv4, parsePrefix(address));
  for (const prefixLength of [prefix.prefixLength, ...(isInside ? [ipv4.length] : [])]) {
    const network = { ...prefix, prefixLength };
    const broadcast = broadcastOf(network);
    if (!broadcast) continue;
    const first = networkOf(network);
    const of = formatIpPrefix(first, prefixLength);
    if (address === formatIpAddress(first)) throw noHost(`the address of the network ${of} itself`);
    if (address === formatIpAddress(broadcast)) throw noHost(`the broadcast address of ${of}`);
  }

  function noHost(what: string): LabError {
    return new LabError(
      'ERR_LAB_INVALID_ADDRESS',
      `no interface can have ${address}: it is ${what}`,
      'choose another one, or have one chosen: renewAddress',
    );
  }
}

function claim({ lan: { subnet }, host, station, claimed }: Plug, key: string, address: string) {
  const number = subnet.numberOf(address);
  if (number === undefined) return;
  const own = [host.number, station.number, ...claimed.values()].includes(number);
  if (!own && !subnet.claimHost(number)) {
    throw new LabError(
      'ERR_LAB_ADDRESS_TAKEN',
      `${address} is taken: its number, ${number}, in ${subnet.ipv4} and ${subnet.ipv6} is somebody's`,
      'choose another one, or have one chosen: renewAddress',
    );
  }
  claimed.set(key, number);
}

function disclaim({ lan: { subnet }, host, station, claimed }: Plug, key: string): void {
  const number = claimed.get(key);
  claimed.delete(key);
  const own = [host.number, station.number, ...claimed.values()];
  if (number !== undefined && !own.includes(number)) subnet.giveBackHost({ number });
}

function tell(member: Member, name: string): void {
  const { ifindex } = member.stack.interface(name);
  member.tell('address-changed', name, member.stack.addressesOf(ifindex));
}
