import type { Comparison, Heading, Measurement } from '@netweir/api';
import { bitRate, count, roundTripTime } from './format.ts';

/** A measured value with its unit; `none` where nothing came. */
export function quantityText(value: number | null, unit: Comparison['unit']): string {
  if (value === null) return 'none';
  if (unit === 'bit/s') return bitRate(value);
  return unit === 'ms' ? `${Number(value.toPrecision(4))} ms` : `${Number(value.toPrecision(3))}%`;
}

/** `99.8 – 101 ms`; undefined where there is no interval. */
export function intervalText({ low, high, unit }: Comparison): string | undefined {
  if (low === null || high === null) return undefined;
  const [from, to] = [quantityText(low, unit), quantityText(high, unit)];
  const [ofFrom, ofTo] = [from, to].map((text) => /[^\d.]+$/u.exec(text)?.[0] ?? '');
  return `${ofFrom === ofTo ? from.slice(0, from.length - (ofFrom?.length ?? 0)) : from} – ${to}`;
}

const HEADINGS: Readonly<Record<Heading, string>> = {
  forward: 'on the way there',
  backward: 'on the way back',
  'round-trip': 'there and back',
};

/** `on the way there, by UDP`: of what a comparison is. */
export function ofWhat({ heading, by }: Comparison): string {
  return `${HEADINGS[heading]}, by ${by.toUpperCase()}`;
}

/** What was found besides: the round trip, what was lost, and the throughput, one line each. */
export function findings({ roundTrip, forward, backward }: Measurement): readonly string[] {
  const [first] = [roundTrip.udp, roundTrip.icmp, roundTrip.tcp].filter((one) => one !== null);
  return [
    ...(first?.delay ? [`round trip ${roundTripTime(first.delay.medianMs)} (median)`] : []),
    ...(first
      ? [`${count(first.sent, 'packet')} sent, ${first.received.toLocaleString('en')} came back`]
      : []),
    ...[
      { figures: forward, where: 'there' },
      { figures: backward, where: 'back' },
    ].flatMap(({ figures, where }) => {
      const rate = figures?.tcpBitPerSec ?? figures?.udpBitPerSec;
      return rate ? [`${bitRate(rate)} ${where}`] : [];
    }),
  ];
}
