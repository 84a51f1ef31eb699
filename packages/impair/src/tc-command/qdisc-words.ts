import type { FqCodel, Htb, HtbClass, Prio, QdiscOptions, RateSpec, Tbf } from '@netweir/kernel';
import { netemWords, type Words } from './netem-words.ts';
import { rateWord, sizeWord } from './values.ts';

/** enum tc_link_layer, linux/pkt_sched.h */
const LINK_LAYERS: Readonly<Record<number, string>> = { 2: 'atm' };

/** What tc writes behind the kind of a qdisc; `before` is what is in its place and is changed. */
export function qdiscWords(options: QdiscOptions, before?: QdiscOptions): Words {
  switch (options.kind) {
    case 'netem':
      return netemWords(options, before?.kind === 'netem' ? before : undefined);
    case 'tbf':
      return said(tbfWords(options));
    case 'htb':
      return said(htbWords(options));
    case 'prio':
      return said(prioWords(options));
    case 'fq_codel':
      return said(fqCodelWords(options));
    case 'pfifo':
      return said(['limit', String(options.limitPackets)]);
    case 'bfifo':
      return said(['limit', sizeWord(options.limitBytes)]);
    case 'ingress':
    case 'clsact':
      return said([]);
  }
}

/** What tc writes behind the kind of a class. */
export function classWords({ rate, ceil, ...rest }: HtbClass): string[] {
  return [
    ...['rate', rateWord(rate.bytesPerSecond), 'ceil', rateWord(ceil.bytesPerSecond)],
    ...['burst', sizeWord(rest.burstBytes), 'cburst', sizeWord(rest.cburstBytes)],
    ...(rest.quantumBytes > 0 ? ['quantum', String(rest.quantumBytes)] : []),
    ...(rest.prio > 0 ? ['prio', String(rest.prio)] : []),
    ...framingWords(rate),
  ];
}

function said(words: readonly string[]): Words {
  return { words, remarks: [] };
}

function tbfWords({ rate, burstBytes, limitBytes, peak }: Tbf): string[] {
  return [
    ...['rate', rateWord(rate.bytesPerSecond), 'burst', sizeWord(burstBytes)],
    ...['limit', sizeWord(limitBytes)],
    ...(peak
      ? ['peakrate', rateWord(peak.rate.bytesPerSecond), 'minburst', sizeWord(peak.burstBytes)]
      : []),
    ...framingWords(rate),
  ];
}

function framingWords({ overhead, mpu, linklayer }: RateSpec): string[] {
  const layer = LINK_LAYERS[linklayer];
  return [
    ...(overhead > 0 ? ['overhead', String(overhead)] : []),
    ...(mpu > 0 ? ['mpu', String(mpu)] : []),
    ...(layer === undefined ? [] : ['linklayer', layer]),
  ];
}

function htbWords({ defaultMinor, rate2quantum, directQlen }: Htb): string[] {
  return [
    ...['default', `0x${defaultMinor.toString(16)}`, 'r2q', String(rate2quantum)],
    ...(directQlen === undefined ? [] : ['direct_qlen', String(directQlen)]),
  ];
}

function prioWords({ bands, priomap }: Prio): string[] {
  return ['bands', String(bands), 'priomap', ...priomap.map(String)];
}

function fqCodelWords(options: FqCodel): string[] {
  const { limit, flows, quantumBytes, intervalUs, targetUs, ceThresholdUs } = options;
  const word = (name: string, value: number | undefined, unit = ''): string[] =>
    value === undefined ? [] : [name, `${value}${unit}`];
  return [
    ...word('limit', limit),
    ...word('flows', flows),
    ...word('quantum', quantumBytes),
    ...word('target', targetUs, 'us'),
    ...word('interval', intervalUs, 'us'),
    ...word('ce_threshold', ceThresholdUs, 'us'),
    ...word('memory_limit', options.memoryLimitBytes, 'b'),
    ...word('drop_batch', options.dropBatchSize),
    ...(options.ecn === undefined ? [] : [options.ecn ? 'ecn' : 'noecn']),
  ];
}
