import type { Operation } from '@netweir/api';
import {
  addIfb,
  addQdisc,
  addRedirectFilter,
  deleteLink,
  dumpFilters,
  dumpQdiscs,
  ingressPlace,
  type Request,
  setLinkUp,
  TC_H_CLSACT_INGRESS,
} from '@netweir/kernel';
import type { Division } from './divide.ts';
import { hasClsact, IFB_PRIORITY, undirectRequest } from './engine/hook.ts';
import { ifbName, ifbOf } from './ifb-impairer.ts';
import type { IfbEntry, RootEntry, Way } from './journal/entry.ts';
import { recordOriginal, restoreRequests } from './original/original.ts';
import { type Abilities, isOurs, OUR_ROOT } from './plan.ts';
import type { Reachable } from './reachable.ts';
import { describeEngine, describeOperations } from './tc-command/describe-operations.ts';
import { planDevice, rootAt } from './tree/tree.ts';
import { type Asked, type WayWanted, wayOf } from './way.ts';

/** Of an ifb that is yet to be made; no interface has it. */
const FUTURE_IFINDEX = 0x7fff_ffff;

export interface PreviewInput {
  readonly at: Reachable;
  readonly asked: Asked;
  readonly by: Division;
  readonly root: RootEntry | undefined;
  readonly ifb: IfbEntry | undefined;
  /** The other end of its veth, where that does what it receives, or did. */
  readonly end: { readonly at: Reachable; readonly root: RootEntry | undefined } | undefined;
  readonly abilities: Abilities;
  readonly mayLose: boolean;
}

/**
 * What would be done, and nothing of it: the requests to the kernel in the words of tc and ip.
 *
 * @throws NetweirError as the change itself, as far as that is found out before its first request
 */
export function preview(input: PreviewInput): Operation[] {
  const { at, by } = input;
  return [
    ...hereOperations(input),
    ...endOperations(input),
    ...by.engine.map((way) => describeEngine(at.interface, way)),
  ];
}

function hereOperations(input: PreviewInput): Operation[] {
  const { at } = input;
  const { ifindex, interface: name, netlink } = at;
  const existing = ifbOf(at);
  const ifbIfindex = existing?.ifindex ?? FUTURE_IFINDEX;
  const qdiscs = [
    ...netlink.dump(dumpQdiscs(ifindex)),
    ...(existing ? netlink.dump(dumpQdiscs(existing.ifindex)) : []),
  ];
  const ours = qdiscs.find((qdisc) => isOurs(qdisc) && qdisc.ifindex === ifindex);
  const filters = [
    ...(ours ? netlink.dump(dumpFilters(ifindex, ours.handle)) : []),
    ...netlink.dump(dumpFilters(ifindex, TC_H_CLSACT_INGRESS)),
  ];
  const interfaceNameOf = (index: number): string =>
    index === ifbIfindex ? ifbName(ifindex) : index === ifindex ? name : `if${index}`;
  const requests = [...rootRequests(input, egressAt(input)), ...ifbRequests(input, ifbIfindex)];
  return describeOperations(requests, { interfaceNameOf, qdiscs, filters });
}

function endOperations(input: PreviewInput): Operation[] {
  const { asked, by, end } = input;
  if (!end) return [];
  const { ifindex, interface: name, netlink, space } = end.at;
  const wanted = by.peer ? wayOf(asked, 'ingress') : null;
  const requests = rootRequests(input, { at: end.at, way: 'ingress', wanted, entry: end.root });
  return describeOperations(requests, {
    interfaceNameOf: (index) => (index === ifindex ? name : `if${index}`),
    qdiscs: netlink.dump(dumpQdiscs(ifindex)),
    filters: netlink.dump(dumpFilters(ifindex, OUR_ROOT)),
  }).map(({ operation, command }) => ({
    operation: `${operation}, the other end in ${space}`,
    command,
  }));
}

/** What a root is to do. */
interface RootWanted {
  readonly at: Reachable;
  readonly way: Way;
  readonly wanted: WayWanted | null;
  readonly entry: RootEntry | undefined;
}

function egressAt({ at, asked, by, root }: PreviewInput): RootWanted {
  return { at, way: 'egress', wanted: by.root ? wayOf(asked, 'egress') : null, entry: root };
}

function rootRequests(
  { abilities, mayLose }: PreviewInput,
  { at, way, wanted, entry }: RootWanted,
): Request[] {
  const root = rootAt(at);
  const isThere = isOurs(root);
  if (!wanted) return isThere && entry ? restoreRequests(entry.original, root, at.interface) : [];
  if (!isThere) recordOriginal(at.netlink, at.ifindex, at.interface, { mayLose });
  const before = isThere ? entry : undefined;
  return [...planDevice(at, way, wanted, root, before, abilities).requests];
}

function ifbRequests(
  { at, asked, by, ifb: entry, abilities }: PreviewInput,
  ifbIfindex: number,
): Request[] {
  const { netlink, ifindex, interface: target } = at;
  const wanted = by.ifb ? wayOf(asked, 'ingress') : null;
  const isThere = ifbIfindex !== FUTURE_IFINDEX;
  if (!wanted) return isThere ? [undirectRequest(at), deleteLink({ ifindex: ifbIfindex })] : [];
  const device = { netlink, ifindex: ifbIfindex, interface: target };
  const root = isThere ? rootAt(device) : undefined;
  const before = isThere ? entry : undefined;
  const planned = planDevice(device, 'ingress', wanted, root, before, abilities).requests;
  if (isThere) return [...planned];
  const clsact = { ifindex, target, ...ingressPlace };
  const hook = { ifindex, parent: TC_H_CLSACT_INGRESS, prio: IFB_PRIORITY, target };
  return [
    addIfb({ name: ifbName(ifindex) }),
    setLinkUp({ name: ifbName(ifindex) }),
    ...planned,
    ...(hasClsact(at) ? [] : [addQdisc(clsact, { kind: 'clsact' })]),
    addRedirectFilter(hook, ifbIfindex),
  ];
}
