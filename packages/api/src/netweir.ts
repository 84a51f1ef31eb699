import * as z from 'zod';
import type { Capabilities } from './capabilities.ts';
import type { EventMessage } from './events.ts';
import type { Operation } from './impairment/operation.ts';
import type { Impairment, ImpairmentReport } from './impairment/schema.ts';
import type { Inventory } from './inventory.ts';
import type { LabChange } from './lab/change.ts';
import type { LabEvent } from './lab/event.ts';
import type { LabFile } from './lab/file.ts';
import type { LabNamespaces } from './lab/namespaces.ts';
import type { LabState } from './lab/state.ts';
import type { LabSummary } from './lab/summary.ts';
import type { Measurement, MeasurementRequest } from './measurement.ts';
import type { Probe, ProbeRequest } from './probe.ts';
import type { NamedRule, Rule } from './rule.ts';
import type { Target } from './target.ts';

/** One interface, by exact names. */
export interface InterfaceRef {
  readonly space: string;
  readonly interface: string;
}

export const LinkState = z
  .strictObject({ state: z.enum(['up', 'down']) })
  .meta({ id: 'LinkState' });
export type LinkState = z.infer<typeof LinkState>['state'];

/** What `restore` did with each interface that the journal knew. */
export const RestoreReport = z
  .strictObject({
    restored: z.array(
      z.strictObject({
        space: z.string(),
        interface: z.string(),
        original: z.string(),
        lost: z.array(z.string()).optional().meta({
          description: 'What did not come back as it was, as whoever asked for `replace` agreed.',
        }),
      }),
    ),
    skipped: z.array(
      z.strictObject({ space: z.string(), interface: z.string(), reason: z.string() }),
    ),
    failed: z.array(
      z.strictObject({ space: z.string(), interface: z.string(), error: z.string() }),
    ),
  })
  .meta({ id: 'RestoreReport' });
export type RestoreReport = z.infer<typeof RestoreReport>;

/** What would have come back when containers start, and does not any more. */
export const Forgotten = z
  .array(
    z.strictObject({
      space: z.string().meta({ description: 'The container or pod.', examples: ['docker:web'] }),
      interface: z.string(),
      at: z.enum(['container', 'host']).meta({
        description: "Whether it was set there, or at the host's end of its veth pair.",
      }),
    }),
  )
  .meta({ id: 'Forgotten' });
export type Forgotten = z.infer<typeof Forgotten>;

/**
 * What netweir does, whoever asks: the daemon's own core and the client of its API are both this.
 * Every method rejects with NetweirError.
 */
export interface Netweir {
  /** Stopped containers are in it if asked for, or if the configuration says so. */
  inventory(options?: { readonly stopped?: boolean }): Promise<Inventory>;
  capabilities(): Promise<Capabilities>;
  impairment(ref: InterfaceRef): Promise<ImpairmentReport>;
  /** Idempotent: what is asked replaces what netweir did there before, in place. */
  setImpairment(ref: InterfaceRef, impairment: Impairment): Promise<ImpairmentReport>;
  /** What `setImpairment` would do, in the words of tc; nothing is changed. */
  previewImpairment(ref: InterfaceRef, impairment: Impairment): Promise<Operation[]>;
  /** Makes a provisional change last; nothing to confirm is no error. */
  confirmImpairment(ref: InterfaceRef): Promise<ImpairmentReport>;
  /**
   * Puts the original back; nothing to do is no error. With `replace` even where somebody else has changed
   * what netweir had set, which is lost by that.
   */
  clearImpairment(
    ref: InterfaceRef,
    options?: { readonly replace?: boolean },
  ): Promise<ImpairmentReport>;
  /**
   * Forgets what was set on containers that do not run, which comes back when they start; without a
   * target, on all containers there are or were. Interfaces stay as they are.
   */
  forget(target?: Target): Promise<Forgotten>;
  setLink(ref: InterfaceRef, state: LinkState): Promise<void>;
  /** Puts back everything that the journal knows. */
  restore(): Promise<RestoreReport>;
  putProbe(id: string, request: ProbeRequest): Promise<Probe>;
  deleteProbe(id: string): Promise<void>;
  /** Measures what is between two ends, and compares it with what is set on the way; takes its time. */
  measure(request: MeasurementRequest): Promise<Measurement>;
  /** The rules for containers, in the order in which they are tried. */
  rules(): Promise<NamedRule[]>;
  /** Puts a rule in force, in place of one of the same name, for as long as the daemon runs. */
  putRule(name: string, rule: Rule): Promise<NamedRule>;
  /** Ends a rule, and puts back what it has set. */
  deleteRule(name: string): Promise<void>;
  /** The labs that run, in the order in which they were made. */
  labs(): Promise<LabSummary[]>;
  /** A lab as it is; its interfaces are with their counters if asked for. */
  lab(name: string, options?: { readonly counters?: boolean }): Promise<LabState>;
  /** Where programs start that are to be in a node of a lab; for who may open the daemon's files. */
  labNamespaces(name: string, node: string): Promise<LabNamespaces>;
  /** Makes a lab of a file; one of this name that was made of the same file stays as it is. */
  putLab(name: string, file: LabFile): Promise<LabSummary>;
  /** Changes a running lab, and tells what has happened to it by that. */
  changeLab(name: string, change: LabChange): Promise<LabEvent[]>;
  /** Takes a lab down, and waits until nothing of it is left. */
  deleteLab(name: string): Promise<void>;
  /** A snapshot, then changes, until the returned function is called or `onEnd` says that it is over. */
  watch(
    onMessage: (message: EventMessage) => void,
    onEnd: (error?: Error) => void,
  ): Promise<() => void>;
}
