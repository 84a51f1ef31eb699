import { writeSync } from 'node:fs';
import { DeadlineMap } from './bpf/deadline-map.ts';
import { loadClassifier } from './bpf/program.ts';
import { markAndRedirectIngress, redirectWhileAlive, STAMP_LENGTH } from './bpf/redirect.ts';
import { EAGAIN } from './errno.ts';
import { check } from './errors.ts';
import * as libc from './libc.ts';
import { monotonicNs } from './monotonic-clock.ts';
import type { NetlinkSocket } from './netlink/socket.ts';
import { NetworkNamespace } from './netns/network-namespace.ts';
import { openPacketSender } from './packet-socket.ts';
import { getLink } from './route/link-query.ts';
import { addBpfFilter, type BpfFilterPlace } from './tc/bpf-filter.ts';
import { deleteFilters } from './tc/filter.ts';
import { ingressPlace } from './tc/ingress.ts';
import { addQdisc, deleteQdisc } from './tc/qdisc.ts';
import { TC_H_CLSACT_EGRESS, TC_H_CLSACT_INGRESS } from './tc/tcmsg.ts';
import { TimerFd } from './timer-fd.ts';
import { openTap, type Tap } from './tun.ts';
import {
  decodeVirtioNetHeader,
  encodeVirtioNetHeader,
  VIRTIO_NET_HDR_GSO_NONE,
  VIRTIO_NET_HDR_LENGTH,
} from './virtio-net-header.ts';
import { Epoll } from './worker/epoll.ts';

/*
 * A program: takes all packets of one interface, in both directions, through user space and back.
 * Arguments: the name of a namespace and of an interface in it. Writes `ready`; a byte on its standard input is answered by a line of counters, the
 * input's end by taking everything away.
 */

const MARK = 0x4e57_0001;
const HEARTBEAT_NS = 100_000_000;
const PATIENCE_NS = 400_000_000;
const QUEUE_LENGTH = 8192;
const BUFFER_LENGTH = 0x1_0100;
/** What has no stamp begins with MAC addresses, which are no time of the last minute. */
const STAMP_AGE_NS = 60_000_000_000n;

const TIMER = 0;
const EGRESS = 1;
const INGRESS = 2;
const COMMANDS = 3;

/** What went one way. */
export interface Flow {
  frames: number;
  bytes: number;
  longest: number;
  /** Frames that are still to be cut into segments. */
  gso: number;
  refused: number;
  /** Frames that arrived behind the time when the program saw them. */
  stamped: number;
}

export interface Counters {
  readonly egress: Flow;
  readonly ingress: Flow;
}

const [netnsName = '', interfaceName = ''] = process.argv.slice(2);
const netns = NetworkNamespace.openNamed(netnsName);
const socket = netns.netlink();
const ifindex = indexOf(socket, interfaceName);
const deadline = new DeadlineMap();
const egressTap = openTap(netns, { name: `nw${ifindex}e`, queueLength: QUEUE_LENGTH });
const ingressTap = openTap(netns, { name: `nw${ifindex}i`, queueLength: QUEUE_LENGTH });
const sender = openPacketSender(netns, ifindex, MARK);
const frame = new Uint8Array(BUFFER_LENGTH);
const frameAddress = libc.addressOf(frame);
const view = new DataView(frame.buffer);
const counters: Counters = { egress: newFlow(), ingress: newFlow() };
const timer = new TimerFd();
const epoll = new Epoll();

const places = attach();
epoll.add(timer.fd, TIMER);
epoll.add(egressTap.fd, EGRESS);
epoll.add(ingressTap.fd, INGRESS);
epoll.add(0, COMMANDS);
beat();
writeSync(1, 'ready\n');
for (let open = true; open; ) {
  const count = epoll.wait();
  for (let index = 0; index < count; index++) {
    const handle = epoll.handle(index);
    if (handle === TIMER) beat();
    else if (handle === EGRESS) forward(egressTap, counters.egress, sendFrame);
    else if (handle === INGRESS) forward(ingressTap, counters.ingress, receiveFrame);
    else open = obey();
  }
}
detach();

function newFlow(): Flow {
  return { frames: 0, bytes: 0, longest: 0, gso: 0, refused: 0, stamped: 0 };
}

function indexOf(netlink: NetlinkSocket, name: string): number {
  const [link] = netlink.query(getLink({ name }));
  if (!link) throw new Error(`no interface ${name}`);
  return link.ifindex;
}

function place(index: number, parent: number): BpfFilterPlace {
  return { ifindex: index, parent, prio: 1, handle: 1, target: interfaceName };
}

/** The TAP's program first, so that nothing that went in cannot come out. */
function attach(): BpfFilterPlace[] {
  const mapFd = deadline.fd;
  const attached: BpfFilterPlace[] = [];
  const add = (where: BpfFilterPlace, name: string, program: Uint8Array): void => {
    const programFd = loadClassifier(name, program);
    socket.request(addBpfFilter(where, { programFd, name }));
    libc.close(programFd);
    attached.push(where);
  };
  for (const index of [ifindex, ingressTap.ifindex]) {
    const target = interfaceName;
    socket.request(addQdisc({ ifindex: index, target, ...ingressPlace }, { kind: 'clsact' }));
  }
  const toInterface = markAndRedirectIngress({ ifindex, mark: MARK });
  add(place(ingressTap.ifindex, TC_H_CLSACT_INGRESS), 'netweir_return', toInterface);
  const egress = { mapFd, tapIfindex: egressTap.ifindex, mark: MARK };
  add(place(ifindex, TC_H_CLSACT_EGRESS), 'netweir_egress', redirectWhileAlive(egress));
  const ingress = { mapFd, tapIfindex: ingressTap.ifindex, mark: MARK };
  const toIngressTap = redirectWhileAlive(ingress);
  add(place(ifindex, TC_H_CLSACT_INGRESS), 'netweir_ingress', toIngressTap);
  return attached;
}

function detach(): void {
  for (const where of places) socket.request(deleteFilters(where));
  const target = interfaceName;
  socket.request(deleteQdisc({ ifindex, target, ...ingressPlace, kind: 'clsact' }));
}

function beat(): void {
  timer.clear();
  const now = monotonicNs();
  deadline.set(now + PATIENCE_NS);
  timer.set(now + HEARTBEAT_NS);
}

function sendFrame(address: number, length: number): number {
  return libc.sendAt(sender, address, length, 0);
}

function receiveFrame(address: number, length: number): number {
  return libc.writeAt(ingressTap.fd, address, length);
}

/** Takes the stamp off, if there is one; returns how many bytes the rest has been moved by. */
function takeOffStamp(): number {
  const age = BigInt(monotonicNs()) - view.getBigUint64(VIRTIO_NET_HDR_LENGTH, true);
  if (age < 0n || age > STAMP_AGE_NS) return 0;
  const header = decodeVirtioNetHeader(view);
  const { hdrLen, csumStart } = header;
  encodeVirtioNetHeader(view, STAMP_LENGTH, {
    ...header,
    hdrLen: Math.max(0, hdrLen - STAMP_LENGTH),
    csumStart: Math.max(0, csumStart - STAMP_LENGTH),
  });
  return STAMP_LENGTH;
}

function forward(tap: Tap, flow: Flow, deliver: (address: number, length: number) => number): void {
  for (let budget = 64; budget > 0; budget--) {
    const length = libc.readAt(tap.fd, frameAddress, BUFFER_LENGTH);
    if (length === -EAGAIN) return;
    check(length, 'read', tap.name);
    const start = takeOffStamp();
    if (start > 0) flow.stamped++;
    flow.frames++;
    const bytes = length - start - VIRTIO_NET_HDR_LENGTH;
    flow.bytes += bytes;
    flow.longest = Math.max(flow.longest, bytes);
    if (decodeVirtioNetHeader(view, start).gsoType !== VIRTIO_NET_HDR_GSO_NONE) flow.gso++;
    if (deliver(frameAddress + start, length - start) < 0) flow.refused++;
  }
}

function obey(): boolean {
  if (check(libc.read(0, new Uint8Array(1)), 'read', 'standard input') === 0) return false;
  writeSync(1, `${JSON.stringify(counters)}\n`);
  return true;
}
