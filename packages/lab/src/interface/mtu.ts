import type { IpSupport } from '@netweir/api';
import { setLinkMtu } from '@netweir/kernel';
import { checkMtu } from '../node/checks.ts';
import type { Member } from '../node/member.ts';

/** Sets the MTU of both ends of an interface's link, or of a router's own in its network, or of neither. */
export function setMtu(member: Member, name: string, mtu: number): void {
  checkMtu(mtu, [ipOf(member, name)]);
  const { near, far } = member.link(name);
  if (member.lan?.interface.name === name) member.lan.setMtu(mtu);
  else {
    const before = near.stack.link({ ifindex: near.ifindex }).mtu;
    near.stack.change([setLinkMtu(near, mtu)]);
    const plug = member.plugs.get(name);
    try {
      far.stack.change([setLinkMtu(far, mtu)]);
      plug?.lan.heedMtu(plug, mtu);
    } catch (error) {
      for (const end of [near, far]) end.stack.change([setLinkMtu(end, before)]);
      throw error;
    }
  }
  member.stack.keepIpv6Off(name);
  member.adaptConditions(name);
  member.tell('mtu-changed', name, near.stack.link({ ifindex: near.ifindex }).mtu);
}

/** What the network of an interface supports; links between regions have both. */
function ipOf({ plugs, lan }: Member, name: string): IpSupport {
  return plugs.get(name)?.lan.ip ?? (lan?.interface.name === name ? lan.ip : 'dual-stack');
}
