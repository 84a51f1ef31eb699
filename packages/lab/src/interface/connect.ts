import type { LinkConditions } from '@netweir/api';
import { KernelError } from '@netweir/kernel';
import { LabError } from '../errors.ts';
import { checkMtu } from '../node/checks.ts';
import type { Member } from '../node/member.ts';
import type { Plug } from '../stack/lan.ts';
import type { StackInterface } from '../stack/network-stack.ts';
import { lanOf, type Topology } from '../topology.ts';

/** What an interface keeps when it is plugged in elsewhere. */
interface State {
  readonly mtu: number;
  readonly up: boolean;
  readonly hasDefaultRoutes: boolean;
  readonly conditions: LinkConditions | null;
}

/** Gives a node another interface, which has the default routes only where nothing else could. */
export function addInterface(
  topology: Topology,
  member: Member,
  to: {
    readonly name: string;
    readonly router: Member;
    readonly mtu: number | undefined;
    readonly conditions: LinkConditions | null;
  },
): void {
  const { name, router } = to;
  if (member.stack.interfaceNames.includes(name)) throw taken(member, name);
  const lan = lanOf(router);
  const mtu = checkMtu(to.mtu, [lan.ip]);
  const plug = lan.reserve(name, member.stack.takeIfindex());
  const state = { ...to, mtu, up: true, hasDefaultRoutes: member.defaultPlug === undefined };
  try {
    connect(topology, member, { plug, entry: plug.interface, state });
  } catch (error) {
    plug.lan.giveBack(plug);
    // One that a program inside has made, which the lab does not know.
    const isTaken = error instanceof KernelError && error.errnoName === 'EEXIST';
    throw isTaken ? taken(member, name) : error;
  }
  member.plugs.set(name, plug);
  member.defaultPlug ??= plug;
  member.tell('interface-added', name, destinationOf(plug));
}

/** Takes an interface from a node. The first that remains gets the default routes if it had them. */
export function removeInterface(topology: Topology, member: Member, name: string): void {
  const plug = member.plug(name);
  if (member.plugs.size === 1) {
    throw new LabError(
      'ERR_LAB_LAST_INTERFACE',
      `${name} is the only interface of node ${member.name}`,
      'add another one first, plug this one in elsewhere, or take it down: linkDown',
    );
  }
  topology.conditions.forget(member.link(name));
  plug.lan.unplug(plug);
  member.stack.detach(name);
  member.plugs.delete(name);
  const [next] = member.plugs.values();
  const isMoved = next !== undefined && member.defaultPlug === plug;
  if (isMoved) {
    member.stack.setRoutes(next.lan.defaultRoutes(next));
    member.defaultPlug = next;
  }
  member.tell('interface-removed', name);
  if (isMoved) member.tell('default-route-changed', next.interface.name);
}

/**
 * Plugs an interface in elsewhere: it is the same one, with its name, index, MTU, conditions and whether it
 * is up, and has other addresses. Where that fails, it is where it was.
 */
export function replug(topology: Topology, member: Member, name: string, router: Member): void {
  const old = member.plug(name);
  const { stack } = member;
  const lan = lanOf(router);
  const entry = stack.interface(name);
  const state = stateOf(topology, member, old);
  checkMtu(state.mtu, [lan.ip]);
  const plug = lan.reserve(name, old.interface.ifindex);
  topology.conditions.forget(member.link(name));
  old.lan.disconnect(old);
  stack.detach(name);
  try {
    connect(topology, member, { plug, entry: plug.interface, state });
  } catch (error) {
    plug.lan.giveBack(plug);
    connect(topology, member, { plug: old, entry, state });
    throw error;
  }
  old.lan.giveBack(old);
  member.plugs.set(name, plug);
  if (state.hasDefaultRoutes) member.defaultPlug = plug;
  member.tell('interface-replugged', name, destinationOf(plug));
}

function stateOf(topology: Topology, member: Member, plug: Plug): State {
  const { up, mtu } = member.stack.link({ ifindex: plug.interface.ifindex });
  const { egress, ingress } = topology.conditions.inForce(member.link(plug.interface.name));
  const conditions = {
    ...(egress && { egress }),
    ...(ingress && { ingress }),
  };
  const hasDefaultRoutes = member.defaultPlug === plug;
  return { up, mtu, hasDefaultRoutes, conditions: egress || ingress ? conditions : null };
}

/** Makes an interface with all that belongs to it, or nothing of it. */
function connect(
  topology: Topology,
  member: Member,
  { plug, entry, state }: { plug: Plug; entry: StackInterface; state: State },
): void {
  const { stack } = member;
  const { lan } = plug;
  const link = lan.linkOf(plug, stack);
  lan.connect(stack, plug, state.mtu);
  try {
    stack.attach(entry, state.hasDefaultRoutes ? lan.defaultRoutes(plug) : [], state.up);
    lan.ready(plug, stack);
    if (state.conditions) topology.conditions.set(link, state.conditions);
  } catch (error) {
    topology.conditions.forget(link);
    lan.disconnect(plug);
    stack.detach(entry.name);
    throw error;
  }
}

function taken(member: Member, name: string): LabError {
  return new LabError(
    'ERR_LAB_INTERFACE_TAKEN',
    `node ${member.name} has an interface ${name} already`,
    'choose another name, or plug that one in elsewhere: replug',
  );
}

/** Where an interface leads, for events. */
function destinationOf({ lan, addresses }: Plug) {
  const { ipv4 = null, ipv6 = null } = addresses;
  return { router: lan.stack.node, ipv4, ipv6 };
}
