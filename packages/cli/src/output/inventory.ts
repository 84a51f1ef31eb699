import {
  type Direction,
  type ImpairmentReport,
  type Interface,
  type Inventory,
  type Space,
  SpaceKind,
  summarize,
} from '@netweir/api';
import pc from 'picocolors';
import type { Terminal } from '../terminal.ts';
import { spaceNotes } from './container.ts';
import { formatBitRate, formatBytes, formatMoment } from './numbers.ts';
import { type Column, renderTable } from './table.ts';

/** How fast an interface receives and sends now. */
export interface Throughput {
  readonly rxBitPerSec: number;
  readonly txBitPerSec: number;
}

/** Gives the throughput of an interface, where it is known. */
export type ThroughputOf = (space: Space, one: Interface) => Throughput | undefined;

/** The inventory with its spaces in the order in which people are shown them: the host first. */
export function inOrder(inventory: Inventory): Inventory {
  const order = new Map(SpaceKind.options.map((kind, index) => [kind, index] as const));
  const placeOf = ({ kind }: Space): number => order.get(kind) ?? order.size;
  return { ...inventory, spaces: inventory.spaces.toSorted((a, b) => placeOf(a) - placeOf(b)) };
}

/** The inventory as a table, a group of rows for each space. */
export function renderInventory(
  { spaces }: Inventory,
  terminal: Pick<Terminal, 'colors' | 'size'>,
  throughputOf?: ThroughputOf,
): string {
  if (spaces.length === 0) return 'nothing matches\n';
  const c = pc.createColors(terminal.colors);
  return renderTable(
    columns(terminal.colors),
    spaces.map((space) => ({
      title: space.id,
      notes: spaceNotes(space),
      rows: space.interfaces.map((one) => cells(one, throughputOf?.(space, one))),
    })),
    { width: terminal.size()?.columns, paintTitle: c.bold, paintNote: c.dim },
  );
}

/** Whether an interface works, in a word: down, up, or up without a medium. */
function stateOf({ up, carrier }: Interface): 'up' | 'down' | 'no carrier' {
  if (!up) return 'down';
  return carrier ? 'up' : 'no carrier';
}

type Impaired = Pick<Interface, 'egress' | 'ingress' | 'expiresAt'> &
  Partial<Pick<Interface, 'rule' | 'trafficRules'>> &
  Partial<Pick<ImpairmentReport, 'egressMechanism' | 'ingressMechanism' | 'rules'>> & {
    readonly changedElsewhere?: string | null | undefined;
  };

/** What netweir does to an interface, why and until when; egress is named only beside ingress. */
export function impairmentText(impaired: Impaired): string {
  const { egress, ingress, expiresAt } = impaired;
  const sent = egress && directionText(egress, impaired.egressMechanism);
  const received = ingress && `ingress ${directionText(ingress, impaired.ingressMechanism)}`;
  const ways = sent && received ? `egress ${sent} · ${received}` : (sent ?? received ?? '');
  const rules = impaired.rules?.length ?? impaired.trafficRules ?? 0;
  const summary = [ways, rules > 0 && `${rules} rule${rules === 1 ? '' : 's'} for part of it`]
    .filter(Boolean)
    .join(' · ');
  const changed = impaired.changedElsewhere ? 'changed elsewhere' : '';
  if (summary === '') return changed;
  const end = expiresAt === null ? '' : ` until ${formatMoment(new Date(expiresAt))}`;
  const text = `${summary}${end}${ruleText(impaired.rule ?? null)}`;
  return changed === '' ? text : `${text} · ${changed}`;
}

function ruleText(rule: string | null): string {
  if (rule === null) return '';
  return rule === 'labels' ? ' by its labels' : ` by rule ${rule}`;
}

function directionText(
  direction: Direction,
  mechanism: ImpairmentReport['egressMechanism'] | undefined,
): string {
  const limit = direction.limitPackets;
  const summary = summarize(direction) || (limit === undefined ? 'set' : `limit ${limit} packets`);
  return mechanism === 'userspace' ? `${summary} (userspace)` : summary;
}

/** The cells of a column that has nothing to say are empty, and `renderTable` leaves it out. */
function columns(colors: boolean): Column[] {
  const c = pc.createColors(colors);
  return [
    { title: 'INTERFACE' },
    { title: 'KIND', expendable: true },
    { title: 'STATE', paint: (text) => (text === 'up' ? c.green(text) : c.red(text)) },
    { title: 'ADDRESSES', flexible: true },
    { title: 'NETWORK', flexible: true, expendable: true },
    { title: 'RX', align: 'right', expendable: true },
    { title: 'TX', align: 'right', expendable: true },
    { title: 'RX RATE', align: 'right' },
    { title: 'TX RATE', align: 'right' },
    { title: 'NETWEIR', flexible: true, paint: c.yellow },
    { title: 'LINKED', flexible: true, expendable: true },
  ];
}

function cells(one: Interface, throughput: Throughput | undefined): string[] {
  return [
    one.name,
    one.kind,
    stateOf(one),
    one.addresses.map(({ address, prefixLength }) => `${address}/${prefixLength}`).join(' '),
    networkText(one),
    formatBytes(one.counters.rxBytes),
    formatBytes(one.counters.txBytes),
    throughput ? formatBitRate(throughput.rxBitPerSec) : '',
    throughput ? formatBitRate(throughput.txBitPerSec) : '',
    impairmentText(one),
    linkedText(one),
  ];
}

function networkText({ network }: Interface): string {
  if (!network) return '';
  return network.internal ? `${network.name} (internal)` : network.name;
}

function linkedText({ peer, master }: Interface): string {
  const other = peer && `→ ${peer.space ?? '?'}/${peer.interface ?? `ifindex ${peer.ifindex}`}`;
  return [other, master && `in ${master}`].filter(Boolean).join(', ');
}
