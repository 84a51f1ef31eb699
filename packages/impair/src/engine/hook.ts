import { closeSync } from 'node:fs';
import {
  addBpfFilter,
  addQdisc,
  addRedirectFilter,
  type BpfFilterPlace,
  bpfFilterName,
  deleteFilters,
  deleteQdisc,
  dumpFilters,
  dumpQdiscs,
  type Filter,
  type FilterPriority,
  ingressPlace,
  loadClassifier,
  markAndRedirectIngress,
  type NetlinkSocket,
  type Qdisc,
  type Request,
  redirectWhileAlive,
  TC_H_CLSACT_EGRESS,
  TC_H_CLSACT_INGRESS,
  TC_H_INGRESS,
} from '@netweir/kernel';
import type { Way } from '../journal/entry.ts';
import { isStandIn, putIngressBack, refuseUnmovable, standIn } from '../original/ingress.ts';

export type { Way };

/**
 * What redirects packets to the engine. `bpf`: a program that knows when the packet came, and passes packets
 * unimpaired once the engine is dead. `mirred`: a filter that knows neither, for what interfaces send in
 * namespaces of this process's own, where an ordinary user may load no program.
 */
export type Redirection = 'bpf' | 'mirred';

/** On packets that have been through the engine, for as long as it takes them to pass its programs. */
export const ENGINE_MARK = 0x4e57_0001;

/** Priority of the engine's filters: "NW", as our qdiscs' handles; and of those that lead to an ifb. */
const PRIORITY = 0x4e57;
export const IFB_PRIORITY = 0x4e58;
const HANDLE = 1;
const FILTER_NAME: Readonly<Record<Way, string>> = {
  egress: 'netweir_egress',
  ingress: 'netweir_ingress',
};
const HOOK: Readonly<Record<Way, number>> = {
  egress: TC_H_CLSACT_EGRESS,
  ingress: TC_H_CLSACT_INGRESS,
};

export interface HookPlace {
  readonly netlink: NetlinkSocket;
  readonly ifindex: number;
  readonly interface: string;
}

/**
 * Whether the interface has a clsact that is not ours. One that holds nothing but our filters is what
 * an engine left whose journal is lost, and one that stands in for an ingress is ours.
 *
 * @throws NetweirError where an `ingress` qdisc has its place for which it cannot stand in
 */
export function hasClsact(at: HookPlace): boolean {
  const there = clsactOrIngress(at);
  if (there?.kind === 'ingress') refuseUnmovable(at);
  if (there?.kind !== 'clsact' || isStandIn(at)) return false;
  const filters = filtersOf(at);
  return filters.length === 0 || !filters.every(isOurs);
}

function isOurs({ prio }: Filter): boolean {
  return prio === PRIORITY || prio === IFB_PRIORITY;
}

function clsactOrIngress({ netlink, ifindex }: HookPlace): Qdisc | undefined {
  return netlink.dump(dumpQdiscs(ifindex)).find(({ parent }) => parent === TC_H_INGRESS);
}

/** Sees that the interface has a clsact, which stands in for an ingress where there is one. */
export function bringClsact(at: HookPlace): void {
  const { netlink, ifindex, interface: target } = at;
  const there = clsactOrIngress(at);
  if (there?.kind === 'ingress') standIn(at);
  else if (!there)
    netlink.request(addQdisc({ ifindex, target, ...ingressPlace }, { kind: 'clsact' }));
}

function filtersOf({ netlink, ifindex }: HookPlace): Filter[] {
  return [TC_H_CLSACT_EGRESS, TC_H_CLSACT_INGRESS].flatMap((parent) =>
    netlink.dump(dumpFilters(ifindex, parent)),
  );
}

/** Sends what the interface receives through an ifb. */
export function redirect(at: HookPlace, ifbIfindex: number): void {
  at.netlink.request(addRedirectFilter(ifbPlaceOf(at), ifbIfindex));
}

/** The interface to which our filter sends what is received; undefined where there is no such filter. */
export function redirectedTo({ netlink, ifindex }: HookPlace): number | undefined {
  return netlink
    .dump(dumpFilters(ifindex, TC_H_CLSACT_INGRESS))
    .filter(({ prio }) => prio === IFB_PRIORITY)
    .flatMap(({ options }) => options?.actions ?? [])
    .find(({ kind }) => kind === 'redirect')?.toIfindex;
}

/** What takes that filter off. */
export function undirectRequest(at: HookPlace): Request {
  return deleteFilters(ifbPlaceOf(at));
}

/** Redirects what passes one way to a TAP, where there is a deadline for as long as it lies ahead. */
export function hook(
  at: HookPlace,
  way: Way,
  { tapIfindex, deadlineFd }: { tapIfindex: number; deadlineFd: number | undefined },
): void {
  const { netlink } = at;
  bringClsact(at);
  if (deadlineFd === undefined) {
    netlink.request(addRedirectFilter(placeOf(at, way), tapIfindex));
    return;
  }
  // The TAP's own program first, so that nothing goes in that cannot come out.
  if (way === 'ingress') returnFrom(at, tapIfindex);
  const program = redirectWhileAlive({
    mapFd: deadlineFd,
    tapIfindex,
    mark: ENGINE_MARK,
  });
  addFilter(netlink, { ...placeOf(at, way), handle: HANDLE }, FILTER_NAME[way], program);
}

/** Whether our filter is on one way of the interface. */
export function isHooked({ netlink, ifindex }: HookPlace, way: Way): boolean {
  return netlink
    .dump(dumpFilters(ifindex, HOOK[way]))
    .some(
      (filter) =>
        filter.prio === PRIORITY &&
        (bpfFilterName(filter) === FILTER_NAME[way] || filter.kind === 'u32'),
    );
}

/** What takes our filter off one way. */
export function unhookRequest(at: HookPlace, way: Way): Request {
  return deleteFilters(placeOf(at, way));
}

/**
 * Takes away the clsact that was made for our filters, unless somebody uses it by now; an ingress that was in
 * its place comes back.
 */
export function removeClsact(at: HookPlace): void {
  const { netlink, ifindex, interface: name } = at;
  if (clsactOrIngress(at)?.kind !== 'clsact') return;
  const filters = filtersOf(at);
  if (isStandIn(at)) {
    if (!filters.some(isOurs)) putIngressBack(at);
  } else if (filters.length === 0) {
    netlink.request(deleteQdisc({ ifindex, target: name, ...ingressPlace, kind: 'clsact' }));
  }
}

/** Has what the engine writes to the TAP received by the interface. */
function returnFrom({ netlink, ifindex, interface: name }: HookPlace, tapIfindex: number): void {
  netlink.request(
    addQdisc({ ifindex: tapIfindex, target: name, ...ingressPlace }, { kind: 'clsact' }),
  );
  const place = {
    ifindex: tapIfindex,
    parent: HOOK.ingress,
    prio: PRIORITY,
    handle: HANDLE,
    target: name,
  };
  addFilter(
    netlink,
    place,
    'netweir_return',
    markAndRedirectIngress({ ifindex, mark: ENGINE_MARK }),
  );
}

function addFilter(
  netlink: NetlinkSocket,
  place: BpfFilterPlace,
  name: string,
  program: Uint8Array,
): void {
  const programFd = loadClassifier(name, program);
  try {
    netlink.request(addBpfFilter(place, { programFd, name }));
  } finally {
    closeSync(programFd);
  }
}

function ifbPlaceOf({ ifindex, interface: name }: HookPlace): FilterPriority {
  return { ifindex, parent: TC_H_CLSACT_INGRESS, prio: IFB_PRIORITY, target: name };
}

function placeOf({ ifindex, interface: name }: HookPlace, way: Way): FilterPriority {
  return { ifindex, parent: HOOK[way], prio: PRIORITY, target: name };
}
