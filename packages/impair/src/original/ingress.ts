import { closeSync } from 'node:fs';
import { NetweirError } from '@netweir/api';
import {
  addChain,
  addQdisc,
  type Chain,
  deleteChain,
  deleteQdisc,
  dumpChains,
  dumpQdiscs,
  ingressPlace,
  KernelError,
  type NetlinkSocket,
  openProgram,
  type Request,
  TC_H_CLSACT_EGRESS,
  TC_H_CLSACT_INGRESS,
  TC_H_INGRESS,
} from '@netweir/kernel';
import type { RecordedFilter } from '../journal/entry.ts';
import type { Losses } from './action.ts';
import { programOf } from './classifier.ts';
import type { Programs } from './filter-to-send.ts';
import { addFilters, recordFilters } from './filters.ts';
import { leadsNowhere } from './u32.ts';

/** An interface, and a socket in its namespace. */
export interface IngressPlace {
  readonly netlink: NetlinkSocket;
  readonly ifindex: number;
  readonly interface: string;
}

/**
 * A chain without filters, to which nothing leads: a clsact that has it stands in for an ingress. It lives and
 * dies with that clsact, so that it cannot say anything else, whoever was killed meanwhile.
 */
const MARKER = 0x4e57;

/** What a kernel carries out in one send, which nothing can come between. */
const MAX_REQUESTS = 200;

/** What a qdisc for received packets holds. */
interface Content {
  readonly filters: readonly RecordedFilter[];
  /** Chains that hold no filter. */
  readonly chains: readonly Chain[];
}

/** Whether the interface's clsact stands in for the ingress that somebody had. */
export function isStandIn({ netlink, ifindex }: IngressPlace): boolean {
  return netlink
    .dump(dumpChains(ifindex, TC_H_CLSACT_EGRESS))
    .some(({ index }) => index === MARKER);
}

/**
 * Refuses an ingress that a clsact cannot stand in for.
 *
 * @throws NetweirError `original-not-restorable`
 */
export function refuseUnmovable(at: IngressPlace): void {
  const losses: Losses = [];
  const { ifindex } = at;
  const qdisc = at.netlink.dump(dumpQdiscs(ifindex)).find(({ parent }) => parent === TC_H_INGRESS);
  if (qdisc?.ingressBlock !== undefined) {
    losses.push(`its filters are the block ${qdisc.ingressBlock}, shared with other interfaces`);
  }
  const content = readContent(at, losses);
  openPrograms(content.filters, losses).close();
  if (movesOf(at, content, 'clsact').length > MAX_REQUESTS) {
    losses.push('it has more filters than can be moved in one step');
  }
  const [loss] = losses;
  if (loss === undefined) return;
  throw new NetweirError(
    'original-not-restorable',
    `${at.interface} has an ingress qdisc, whose place netweir's clsact needs, and it could not be put back: ${loss}`,
    {
      remedy: `Nothing was changed. Remove it yourself first if it is not needed (\`tc qdisc del dev ${at.interface} ingress\`).`,
    },
  );
}

/**
 * Has a clsact stand in for the interface's ingress, with the same filters. The kernel does all of it in one
 * send: nothing is left halfway, whoever is killed.
 *
 * @throws NetweirError `original-not-restorable`; KernelError, and then the ingress is there as before
 */
export function standIn(at: IngressPlace): void {
  refuseUnmovable(at);
  move(at, 'clsact');
}

/**
 * Puts the ingress back in the place of the clsact that stands in for it, with the filters that are there now.
 * It stays a clsact where somebody has come to need that: where there are filters on what is sent, or such as
 * could not be moved.
 */
export function putIngressBack(at: IngressPlace): void {
  const { netlink, ifindex, interface: target } = at;
  const losses: Losses = [];
  const content = readContent(at, losses);
  openPrograms(content.filters, losses).close();
  const onEgress = recordFilters(netlink, ifindex, [TC_H_CLSACT_EGRESS], losses);
  const isNeeded =
    onEgress.length > 0 ||
    losses.length > 0 ||
    movesOf(at, content, 'ingress').length > MAX_REQUESTS;
  if (isNeeded) {
    netlink.request(deleteChain({ ifindex, parent: TC_H_CLSACT_EGRESS, index: MARKER, target }));
  } else {
    move(at, 'ingress');
  }
}

type Kind = 'ingress' | 'clsact';

/** The parent by which both kinds know the filters on what is received. */
const PARENT = TC_H_CLSACT_INGRESS;

function move(at: IngressPlace, to: Kind): void {
  const { netlink } = at;
  const content = readContent(at, []);
  const programs = openPrograms(content.filters, []);
  try {
    const error = firstError(netlink, movesOf(at, content, to, programs.fds));
    if (!error) return;
    const from = to === 'clsact' ? 'ingress' : 'clsact';
    const second = firstError(netlink, movesOf(at, content, from, programs.fds));
    throw second ?? error;
  } finally {
    programs.close();
  }
}

function firstError(netlink: NetlinkSocket, requests: readonly Request[]): KernelError | undefined {
  return netlink.batch(requests).find((error) => error !== undefined);
}

function movesOf(
  { ifindex, interface: target }: IngressPlace,
  { filters, chains }: Content,
  to: Kind,
  programs?: Programs,
): Request[] {
  const place = { ifindex, target, ...ingressPlace };
  const chain = (parent: number, index: number): Request =>
    addChain({ ifindex, parent, index, target });
  return [
    deleteQdisc(place),
    addQdisc(place, to === 'clsact' ? { kind: 'clsact' } : { kind: 'ingress' }),
    ...(to === 'clsact' ? [chain(TC_H_CLSACT_EGRESS, MARKER)] : []),
    ...addFilters({ ifindex, target }, filters, programs),
    ...chains.map(({ index }) => chain(PARENT, index)),
  ];
}

function readContent({ netlink, ifindex }: IngressPlace, losses: Losses): Content {
  const filters = recordFilters(netlink, ifindex, [PARENT], losses);
  if (filters.some((filter) => leadsNowhere(filter, filters))) {
    losses.push('a u32 filter links to a hash table that no dump shows');
  }
  const chains = netlink.dump(dumpChains(ifindex, PARENT));
  if (chains.some(({ hasTemplate }) => hasTemplate)) losses.push('a chain of it has a template');
  const used = new Set(filters.map(({ chain }) => chain));
  return { filters, chains: chains.filter(({ index }) => index !== 0 && !used.has(index)) };
}

/** The programs of BPF filters, which the kernel keeps for as long as somebody holds them. */
function openPrograms(
  filters: readonly RecordedFilter[],
  losses: Losses,
): { fds: Programs; close(): void } {
  const fds = new Map<number, number>();
  for (const { kind, prio, options } of filters) {
    const id = options === null ? undefined : programOf(kind, Buffer.from(options, 'base64'));
    if (id === undefined || fds.has(id)) continue;
    try {
      fds.set(id, openProgram(id));
    } catch (error) {
      if (!(error instanceof KernelError)) throw error;
      losses.push(`the program of the bpf filter with priority ${prio}: ${error.message}`);
    }
  }
  return {
    fds,
    close: () => {
      for (const fd of fds.values()) closeSync(fd);
    },
  };
}
