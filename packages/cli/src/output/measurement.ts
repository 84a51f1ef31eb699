import {
  type Comparison,
  type DelayFigures,
  type Measurement,
  type MeasurementVerdict,
  type OneWayFigures,
  type OnTheWay,
  type RoundTripFigures,
  summarize,
} from '@netweir/api';
import pc from 'picocolors';
import type { Terminal } from '../terminal.ts';
import { formatBitRate } from './numbers.ts';
import { type Column, renderTable } from './table.ts';
import { printable } from './text.ts';

type Colors = ReturnType<typeof pc.createColors>;

const ARROWS = { forward: '→', backward: '←', 'round-trip': '⇄' } as const;

/** A measurement for people: the way, what packets took and lost, and what was set against what was achieved. */
export function renderMeasurement(
  measurement: Measurement,
  terminal: Pick<Terminal, 'colors' | 'size'>,
): string {
  const c = pc.createColors(terminal.colors);
  const options = { width: terminal.size()?.columns, paintTitle: c.dim };
  const { from, to, durationMs, way, comparisons } = measurement;
  const title = `${endName(from)} → ${endName(to)}, ${(durationMs / 1000).toFixed(1)} s`;
  const parts = [
    `${c.bold(printable(title))}\n`,
    wayLines(way, measurement.wayKnown),
    renderTable(TIMES, [{ rows: timeRows(measurement) }], options),
    measurement.forward ? renderTable(PACKETS, [{ rows: packetRows(measurement) }], options) : '',
    comparisons.length === 0
      ? ''
      : renderTable(verdictColumns(c), [{ rows: comparisons.map(comparisonRow) }], options),
    hintLines(comparisons),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function endName({ space, interface: name, address, port }: Measurement['from']): string {
  const at =
    port === null ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return space === null ? at : `${space}${name === null ? '' : `/${name}`} (${at})`;
}

function wayLines(way: readonly OnTheWay[], isKnown: boolean): string {
  const lines = way.map(
    ({ heading, space, interface: name, direction, set, mechanism, droppedPackets }) => {
      const what = `${summarize(set)}${mechanism === null ? '' : ` (${mechanism})`}`;
      const dropped = droppedPackets ? `, dropped ${droppedPackets} packets` : '';
      return `  ${ARROWS[heading]} ${space}/${name} ${direction}: ${what}${dropped}`;
    },
  );
  const unknown = isKnown ? [] : ['  part of the way is not known to netweir'];
  const nothing = isKnown && way.length === 0 ? ['  nothing is set on the way'] : [];
  return printable([...lines, ...unknown, ...nothing].map((line) => `${line}\n`).join(''));
}

const TIMES: readonly Column[] = [
  { title: 'TIME' },
  ...['MIN', 'MEDIAN', 'MEAN', 'P99', 'MAX', 'JITTER', 'PACKETS'].map((title) => ({
    title,
    align: 'right' as const,
  })),
];

function timeRows({ roundTrip, forward, backward }: Measurement): string[][] {
  const trips = Object.entries(roundTrip).flatMap(([kind, figures]) =>
    figures ? [roundTripRow(kind, figures)] : [],
  );
  const ways = [
    ...(forward ? [timeRow('→ one way, udp', forward.delay, forward)] : []),
    ...(backward ? [timeRow('← one way, udp', backward.delay, backward)] : []),
  ];
  return [...ways, ...trips];
}

function roundTripRow(kind: string, figures: RoundTripFigures): string[] {
  return timeRow(`⇄ round trip, ${kind}`, figures.delay, figures);
}

function timeRow(
  name: string,
  delay: DelayFigures | null,
  { sent, received }: Pick<RoundTripFigures, 'sent' | 'received'>,
): string[] {
  const times = delay
    ? [delay.minMs, delay.medianMs, delay.meanMs, delay.p99Ms, delay.maxMs, delay.jitterMs]
    : [];
  const cells = times.length > 0 ? times.map(formatMs) : ['-', '-', '-', '-', '-', '-'];
  return [name, ...cells, `${received}/${sent}`];
}

const PACKETS: readonly Column[] = [
  { title: 'PACKETS' },
  ...['LOST', 'DUPLICATED', 'REORDERED', 'CORRUPTED', 'UDP', 'TCP'].map((title) => ({
    title,
    align: 'right' as const,
  })),
];

function packetRows({ forward, backward }: Measurement): string[][] {
  return [
    ...(forward ? [packetRow('→', forward)] : []),
    ...(backward ? [packetRow('←', backward)] : []),
  ];
}

function packetRow(arrow: string, figures: OneWayFigures): string[] {
  const { sent, received, lost, duplicated, reordered, corrupted } = figures;
  const share = (count: number, of: number): string =>
    of === 0 ? '-' : `${((count * 100) / of).toFixed(2)}%`;
  const rate = (bitPerSec: number | null): string =>
    bitPerSec === null ? '' : formatBitRate(bitPerSec);
  return [
    arrow,
    share(lost, sent),
    share(duplicated, sent),
    share(reordered, received),
    share(corrupted, received),
    rate(figures.udpBitPerSec),
    rate(figures.tcpBitPerSec),
  ];
}

function verdictColumns(c: Colors): readonly Column[] {
  const paints: Record<MeasurementVerdict, (text: string) => string> = {
    'as set': c.green,
    differs: c.red,
    unclear: c.yellow,
  };
  return [
    { title: 'SET AGAINST ACHIEVED' },
    { title: 'SET', align: 'right' },
    { title: 'ACHIEVED', align: 'right' },
    { title: '99% INTERVAL', align: 'right', expendable: true },
    { title: 'VERDICT', paint: (text) => paints[text as MeasurementVerdict]?.(text) ?? text },
  ];
}

function comparisonRow(one: Comparison): string[] {
  const { low, high, verdict } = one;
  const value = (number: number | null): string =>
    number === null ? '-' : formatValue(number, one.unit);
  const interval = low === null && high === null ? '-' : `${value(low)} – ${value(high)}`;
  return [nameOf(one), value(one.set), value(one.achieved), interval, verdict];
}

function nameOf({ heading, quantity, by }: Comparison): string {
  return `${ARROWS[heading]} ${quantity}, ${by}`;
}

function formatValue(value: number, unit: Comparison['unit']): string {
  if (unit === 'ms') return formatMs(value);
  return unit === '%' ? `${value.toFixed(2)}%` : formatBitRate(value);
}

/** Three digits that count, and never finer than a microsecond. */
function formatMs(ms: number): string {
  return `${ms.toFixed(ms >= 100 ? 1 : ms >= 10 ? 2 : 3)} ms`;
}

function hintLines(comparisons: readonly Comparison[]): string {
  const lines = comparisons.flatMap((one) => one.hints.map((hint) => `${nameOf(one)}: ${hint}\n`));
  return printable(lines.join(''));
}
