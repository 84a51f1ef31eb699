import {
  type Direction,
  type ImpairmentReport,
  type Interface,
  type Inventory,
  type Space,
  summarize,
} from '@netweir/api';
import pc from 'picocolors';
import type { Terminal } from '../terminal.ts';
import { formatBitRate, formatBytes, formatMoment } from './numbers.ts';
import { type Column, renderTable } from './table.ts';

/** How fast an interface receives and sends now. */
export interface Throughput {
  readonly rxBitPerSec: number;
  readonly txBitPerSec: number;
}

/** Gives the throughput of an interface, where it is known. */
export type ThroughputOf = (space: Space, one: Interface) => Throughput | undefined;

/** The inventory as a table, a group of rows for each space. */
export function renderInventory(
  { spaces }: Inventory,
  terminal: Pick<Terminal, 'colors' | 'size'>,
  throughputOf?: ThroughputOf,
): string {
  if (spaces.length === 0) return 'nothing matches\n';
  return renderTable(
    columns(terminal.colors),
    spaces.map((space) => ({
      title: space.id,
      rows: space.interfaces.map((one) => cells(one, throughputOf?.(space, one))),
    })),
    { width: terminal.size()?.columns, paintTitle: pc.createColors(terminal.colors).bold },
  );
}

/** Whether an interface works, in a word: down, up, or up without a medium. */
function stateOf({ up, carrier }: Interface): 'up' | 'down' | 'no carrier' {
  if (!up) return 'down';
  return carrier ? 'up' : 'no carrier';
}

type Impaired = Pick<Interface, 'egress' | 'ingress' | 'expiresAt'> &
  Partial<Pick<ImpairmentReport, 'egressMechanism' | 'ingressMechanism'>>;

/** What netweir does to an interface, and until when; egress is named only beside ingress. */
export function impairmentText(impaired: Impaired): string {
  const { egress, ingress, expiresAt } = impaired;
  const sent = egress && directionText(egress, impaired.egressMechanism);
  const received = ingress && `ingress ${directionText(ingress, impaired.ingressMechanism)}`;
  const summary = sent && received ? `egress ${sent} · ${received}` : (sent ?? received ?? '');
  if (summary === '' || expiresAt === null) return summary;
  return `${summary} until ${formatMoment(new Date(expiresAt))}`;
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
    formatBytes(one.counters.rxBytes),
    formatBytes(one.counters.txBytes),
    throughput ? formatBitRate(throughput.rxBitPerSec) : '',
    throughput ? formatBitRate(throughput.txBitPerSec) : '',
    impairmentText(one),
    linkedText(one),
  ];
}

function linkedText({ peer, master }: Interface): string {
  const other = peer && `→ ${peer.space ?? '?'}/${peer.interface ?? `ifindex ${peer.ifindex}`}`;
  return [other, master && `in ${master}`].filter(Boolean).join(', ');
}
