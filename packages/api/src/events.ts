import * as z from 'zod';
import { Container, RuntimeStatus } from './container.ts';
import { Counters, Interface, Inventory, type Space, Space as SpaceSchema } from './inventory.ts';
import { LabEvent } from './lab/event.ts';
import { LabName } from './lab/name.ts';
import { LabSummary } from './lab/summary.ts';
import { PROBE_HISTORY, Probe, ProbeSample } from './probe.ts';

/** One change of the inventory, or something that happened to a lab. */
export const Change = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('space'), space: SpaceSchema }),
  z.strictObject({ type: z.literal('space-removed'), space: z.string() }),
  z.strictObject({ type: z.literal('interface'), space: z.string(), interface: Interface }),
  z.strictObject({ type: z.literal('interface-removed'), space: z.string(), ifindex: z.int() }),
  z.strictObject({
    type: z.literal('counters'),
    space: z.string(),
    ifindex: z.int(),
    counters: Counters,
  }),
  z.strictObject({ type: z.literal('runtimes'), runtimes: z.array(RuntimeStatus) }),
  z.strictObject({ type: z.literal('stopped'), stopped: z.array(Container) }),
  z.strictObject({ type: z.literal('probe'), probe: Probe }),
  z.strictObject({ type: z.literal('probe-removed'), id: z.string() }),
  z.strictObject({ type: z.literal('probe-sample'), id: z.string(), sample: ProbeSample }),
  z.strictObject({ type: z.literal('lab'), lab: LabSummary }),
  z.strictObject({ type: z.literal('lab-removed'), name: LabName }),
  z.strictObject({ type: z.literal('lab-event'), name: LabName, event: LabEvent }),
]);
export type Change = z.infer<typeof Change>;

/**
 * What `/api/v1/events` sends: a snapshot, then changes. `sequence` rises by one with each message
 * of a connection; a gap means that messages were lost, and a new connection gives a new snapshot.
 */
export const EventMessage = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('snapshot'), sequence: z.int(), inventory: Inventory }),
    z.strictObject({ type: z.literal('changes'), sequence: z.int(), changes: z.array(Change) }),
  ])
  .meta({ id: 'EventMessage' });
export type EventMessage = z.infer<typeof EventMessage>;

/** The inventory after a change. The given one stays as it is; what did not change is shared. */
export function applyChange(inventory: Inventory, change: Change): Inventory {
  switch (change.type) {
    case 'space':
      return {
        ...inventory,
        spaces: put(inventory.spaces, change.space, (s) => s.id === change.space.id),
      };
    case 'space-removed':
      return { ...inventory, spaces: inventory.spaces.filter((s) => s.id !== change.space) };
    case 'interface':
      return inSpace(inventory, change.space, (space) => ({
        ...space,
        interfaces: put(
          space.interfaces,
          change.interface,
          (i) => i.ifindex === change.interface.ifindex,
        ),
      }));
    case 'interface-removed':
      return inSpace(inventory, change.space, (space) => ({
        ...space,
        interfaces: space.interfaces.filter((i) => i.ifindex !== change.ifindex),
      }));
    case 'counters':
      return inSpace(inventory, change.space, (space) => ({
        ...space,
        interfaces: space.interfaces.map((i) =>
          i.ifindex === change.ifindex ? { ...i, counters: change.counters } : i,
        ),
      }));
    case 'runtimes':
      return { ...inventory, runtimes: change.runtimes };
    case 'stopped':
      return { ...inventory, stopped: change.stopped };
    case 'probe':
      return {
        ...inventory,
        probes: put(inventory.probes, change.probe, (p) => p.id === change.probe.id),
      };
    case 'probe-removed':
      return { ...inventory, probes: inventory.probes.filter((p) => p.id !== change.id) };
    case 'probe-sample':
      return {
        ...inventory,
        probes: inventory.probes.map((probe) =>
          probe.id === change.id
            ? { ...probe, samples: [...probe.samples, change.sample].slice(-PROBE_HISTORY) }
            : probe,
        ),
      };
    case 'lab':
      return {
        ...inventory,
        labs: put(inventory.labs, change.lab, (l) => l.name === change.lab.name),
      };
    case 'lab-removed':
      return { ...inventory, labs: inventory.labs.filter((l) => l.name !== change.name) };
    case 'lab-event':
      return inventory;
  }
}

function inSpace(inventory: Inventory, id: string, update: (space: Space) => Space): Inventory {
  return { ...inventory, spaces: inventory.spaces.map((s) => (s.id === id ? update(s) : s)) };
}

function put<T>(list: readonly T[], item: T, same: (other: T) => boolean): T[] {
  const at = list.findIndex(same);
  return at < 0 ? [...list, item] : list.with(at, item);
}
