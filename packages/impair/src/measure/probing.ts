import type { NetworkNamespace, SocketReader } from '@netweir/kernel';
import { EchoProber } from './echo-probe.ts';
import { type FarEnd, type NearEnd, openPair } from './ends.ts';
import { pace, patiently } from './pacing.ts';
import type { ProbePlan } from './probe-plan.ts';
import { resultOf, type StreamResult } from './stream.ts';
import { listenIn, TcpProbes } from './tcp-probe.ts';
import { UdpEnd } from './udp-flow.ts';

/** Room for two seconds of probes, should their reader have to wait for a processor. */
const BUFFER_BYTES = 1024 * 1024;

type RoundTrips = readonly (number | null)[];

/** What came of probes to a host. */
export interface HostProbes {
  readonly icmp: RoundTrips;
  /** Absent without a port. */
  readonly tcp: RoundTrips | undefined;
  /** How late each turn of the event loop was, in milliseconds. */
  readonly lateMs: readonly number[];
}

/** What came of probes between two ends that are both ours. */
export interface SpaceProbes extends HostProbes {
  readonly forward: StreamResult;
  readonly backward: StreamResult;
  readonly udp: RoundTrips;
  readonly tcp: RoundTrips;
  readonly ports: { readonly near: number; readonly far: number };
}

export interface ProbingOptions {
  readonly reader: SocketReader;
  readonly from: NearEnd;
  readonly to: FarEnd;
  readonly plan: ProbePlan;
  readonly durationMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Probes by UDP each way, by ICMP echo and by TCP connections, all at once. @throws {KernelError} */
export async function probeSpaces(
  options: ProbingOptions & { readonly to: { readonly namespace: NetworkNamespace } },
): Promise<SpaceProbes> {
  const { reader, from, to, plan, durationMs, signal } = options;
  const { payloadBytes: length, patienceMs } = plan;
  const server = await listenIn(to.namespace, to.address, () => {});
  const tcp = new TcpProbes(from, to.address, server.port);
  const ends: UdpEnd[] = [];
  let echoes: Echoes | undefined;
  try {
    const pair = await openPair(from, to, {
      timeoutMs: plan.hearingMs,
      bufferBytes: BUFFER_BYTES,
      noChecksum: plan.showsDamage,
      signal,
    });
    const stream = Math.floor(Math.random() * 0x7fff_ffff);
    const near = new UdpEnd(reader, pair.near, { sendsAs: stream, receives: stream + 1, length });
    const far = new UdpEnd(reader, pair.far, { sendsAs: stream + 1, receives: stream, length });
    ends.push(near, far);
    const icmp = new Echoes(options);
    echoes = icmp;
    const lateMs = await pace(
      [
        { everyMs: plan.udpEveryMs, act: () => sendAll(ends) },
        { everyMs: plan.connectEveryMs, act: () => tcp.start() },
      ],
      durationMs,
      signal,
    );
    const isDone = (): boolean =>
      near.received >= far.sent && far.received >= near.sent && tcp.open === 0 && icmp.isDone;
    await patiently(isDone, patienceMs, signal);
    const forward = resultOf(near.recordTo(far));
    const backward = resultOf(far.recordTo(near));
    const ports = { near: pair.near.port, far: pair.far.port };
    return {
      forward,
      backward,
      udp: together(forward, backward),
      icmp: icmp.roundTrips,
      tcp: tcp.times,
      lateMs,
      ports,
    };
  } finally {
    for (const end of ends) end.close();
    tcp.close();
    server.close();
    await echoes?.close();
  }
}

/** Probes by ICMP echo, and by TCP connections where there is a port. @throws {KernelError} */
export async function probeHost(options: ProbingOptions): Promise<HostProbes> {
  const { from, to, plan, durationMs, signal } = options;
  const echoes = new Echoes(options);
  const tcp = to.port === undefined ? undefined : new TcpProbes(from, to.address, to.port);
  try {
    const paced = tcp ? [{ everyMs: plan.connectEveryMs, act: () => tcp.start() }] : [];
    const lateMs = await pace(paced, durationMs, signal);
    await patiently(
      () => echoes.isDone && (tcp?.open ?? 0) === 0,
      Math.max(plan.patienceMs, UNKNOWN_PATIENCE_MS),
      signal,
    );
    return { icmp: echoes.roundTrips, tcp: tcp?.times, lateMs };
  } finally {
    tcp?.close();
    await echoes.close();
  }
}

function sendAll(ends: readonly UdpEnd[]): void {
  for (const end of ends) end.send();
}

/** How long answers from afar may take. */
const UNKNOWN_PATIENCE_MS = 2000;

/** Echoes for as long as a measurement takes. */
class Echoes {
  readonly #prober: EchoProber;
  readonly #answers: { readonly sentAtMs: number; readonly rttMs: number | null }[] = [];
  #sent = 0;

  constructor({ reader, from, to, plan, durationMs }: ProbingOptions) {
    this.#prober = new EchoProber(reader);
    this.#prober.start({
      namespace: from.namespace,
      address: to.address,
      interface: from.interface,
      intervalMs: plan.echoEveryMs,
      durationMs,
      timeoutMs: Math.max(plan.patienceMs, UNKNOWN_PATIENCE_MS),
      onSent: () => {
        this.#sent++;
      },
      onSample: (sample) => this.#answers.push(sample),
    });
  }

  get isDone(): boolean {
    return this.#answers.length >= this.#sent;
  }

  /** In the order in which they were sent, but for those that have not been answered until now. */
  get roundTrips(): RoundTrips {
    const inOrder = this.#answers.toSorted((a, b) => a.sentAtMs - b.sentAtMs);
    const open = this.#sent - inOrder.length;
    return [...inOrder.map(({ rttMs }) => rttMs), ...new Array<null>(open).fill(null)];
  }

  async close(): Promise<void> {
    await this.#prober.close();
  }
}

/** What packets that left both ends at the same time took together. */
function together(forward: StreamResult, backward: StreamResult): RoundTrips {
  return forward.delaysMs.slice(0, backward.sent).map((delay, at) => {
    const back = backward.delaysMs[at];
    return delay === undefined || back === undefined ? null : delay + back;
  });
}
