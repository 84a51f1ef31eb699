import {
  type Change,
  NetweirError,
  PROBE_HISTORY,
  type Probe,
  type ProbeRequest,
  type ProbeSample,
  parseDuration,
} from '@netweir/api';
import type { DiscoveredSpace } from '@netweir/discovery';
import { EchoProber } from '@netweir/impair';

const MIN_INTERVAL_MS = 50;
const MAX_INTERVAL_MS = 60_000;

interface Running {
  readonly stop: () => void;
  /** The key of the namespace, whose name may change. */
  readonly namespace: string;
  probe: Probe;
}

/** The round trips that are being measured, with their last samples. */
export class Probes {
  readonly #running = new Map<string, Running>();
  readonly #emit: (change: Change) => void;
  readonly #prober = new EchoProber();

  constructor(emit: (change: Change) => void) {
    this.#emit = emit;
  }

  list(): Probe[] {
    return [...this.#running.values()].map(({ probe }) => probe);
  }

  /**
   * Starts a measurement, in place of one of the same name.
   *
   * @throws NetweirError `invalid-quantity` for an interval out of range, or what the kernel refuses
   */
  put(id: string, request: ProbeRequest, space: DiscoveredSpace): Probe {
    const interval = request.interval ?? '250ms';
    const intervalMs = parseDuration(interval) / 1_000_000;
    if (intervalMs < MIN_INTERVAL_MS || intervalMs > MAX_INTERVAL_MS) {
      throw new NetweirError('invalid-quantity', `a probe cannot run every ${interval}`, {
        remedy: 'Give an interval from 50ms to 1m.',
      });
    }
    this.#stop(id);
    const probe: Probe = { id, space: space.id, address: request.address, interval, samples: [] };
    const stop = this.#prober.start({
      namespace: space.namespace,
      address: request.address,
      intervalMs,
      onSample: (sample) => this.#sampled(id, sample),
    });
    this.#running.set(id, { stop, namespace: space.namespace.key, probe });
    this.#emit({ type: 'probe', probe });
    return probe;
  }

  /** @throws NetweirError `no-such-probe` */
  delete(id: string): void {
    if (!this.#running.has(id)) {
      throw new NetweirError('no-such-probe', `there is no probe ${id}`);
    }
    this.#stop(id);
    this.#emit({ type: 'probe-removed', id });
  }

  /** Ends the probes of a namespace that is gone, whose sockets would keep its namespace alive. */
  deleteOf(namespace: string): void {
    for (const [id, one] of this.#running) if (one.namespace === namespace) this.delete(id);
  }

  /** Tells the space's name of now. */
  rename({ id: space, namespace }: DiscoveredSpace): void {
    for (const running of this.#running.values()) {
      if (running.namespace !== namespace.key || running.probe.space === space) continue;
      running.probe = { ...running.probe, space };
      this.#emit({ type: 'probe', probe: running.probe });
    }
  }

  async close(): Promise<void> {
    for (const id of [...this.#running.keys()]) this.#stop(id);
    await this.#prober.close();
  }

  #sampled(id: string, sample: ProbeSample): void {
    const running = this.#running.get(id);
    if (!running) return;
    const samples = [...running.probe.samples, sample].slice(-PROBE_HISTORY);
    running.probe = { ...running.probe, samples };
    this.#emit({ type: 'probe-sample', id, sample });
  }

  #stop(id: string): void {
    this.#running.get(id)?.stop();
    this.#running.delete(id);
  }
}
