import {
  type ImpairmentReport,
  type Measurement,
  type MeasurementRequest,
  NetweirError,
  parseDuration,
} from '@netweir/api';
import type { DiscoveredSpace, Discovery } from '@netweir/discovery';
import { type Measured, measure, type Reachable } from '@netweir/impair';
import { type OtherEnd, reach } from '../reach.ts';
import { type FoundEnds, findEnds } from './ends.ts';
import { wayBetween } from './way-reports.ts';

/** More would be in each other's way. */
const MAX_AT_ONCE = 4;
const DURATION = '5s';

interface Running {
  readonly abort: AbortController;
  /** The namespaces in which it has sockets. */
  readonly namespaces: readonly string[];
  readonly done: Promise<unknown>;
}

export interface MeasurementsOptions {
  readonly discovery: Discovery;
  readonly otherEnd: OtherEnd;
  readonly report: (at: Reachable) => ImpairmentReport;
}

/** The measurements that are being made. */
export class Measurements {
  readonly #options: MeasurementsOptions;
  readonly #running = new Set<Running>();

  constructor(options: MeasurementsOptions) {
    this.#options = options;
  }

  /**
   * Measures, and resolves when it is done.
   *
   * @throws NetweirError `no-such-space`, `no-such-interface`, `unreachable`, `too-many-measurements`,
   * `space-vanished`, or what the kernel refuses
   */
  async measure(request: MeasurementRequest): Promise<Measurement> {
    if (this.#running.size >= MAX_AT_ONCE) throw tooMany();
    const { discovery, otherEnd } = this.#options;
    for (const end of [request.from, request.to]) {
      if ('space' in end && end.interface !== undefined) {
        reach(discovery, { space: end.space, interface: end.interface });
      }
    }
    const ends = await findEnds(discovery, otherEnd, request);
    const measured = await this.#run(ends, request);
    return { from: ends.named.from, to: ends.named.to, ...measured };
  }

  /** Ends those that have sockets in a namespace that is gone, which they would keep alive. */
  endOf(namespace: string): void {
    for (const { abort, namespaces } of this.#running) {
      if (!namespaces.includes(namespace)) continue;
      abort.abort(new NetweirError('space-vanished', 'a namespace is gone that was measured'));
    }
  }

  async close(): Promise<void> {
    const running = [...this.#running];
    for (const { abort } of running) {
      abort.abort(new NetweirError('daemon-unreachable', 'netweir ends while it measures'));
    }
    await Promise.allSettled(running.map(({ done }) => done));
  }

  async #run(ends: FoundEnds, request: MeasurementRequest): Promise<Measured> {
    const abort = new AbortController();
    const { from, to } = ends;
    const done = measure({
      from: {
        namespace: from.space.namespace,
        address: from.address,
        interface: request.from.interface,
      },
      to: { namespace: to.space?.namespace, address: to.address, port: to.port },
      durationMs: parseDuration(request.duration ?? DURATION) / 1_000_000,
      throughput: request.throughput,
      readWay: () => wayBetween(ends, this.#options.report),
      signal: abort.signal,
    });
    const spaces: (DiscoveredSpace | undefined)[] = [from.space, to.space];
    const namespaces = spaces.flatMap((space) => (space ? [space.namespace.key] : []));
    const running: Running = { abort, namespaces, done };
    this.#running.add(running);
    try {
      return await done;
    } finally {
      this.#running.delete(running);
    }
  }
}

function tooMany(): NetweirError {
  return new NetweirError(
    'too-many-measurements',
    `${MAX_AT_ONCE} measurements are being made already`,
    { remedy: 'Wait until one of them is done.' },
  );
}
