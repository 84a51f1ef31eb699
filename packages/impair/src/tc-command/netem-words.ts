import { CERTAIN, Distribution } from '@netweir/api';
import { type Netem, netemDistribution, neutralNetem } from '@netweir/kernel';
import { delayWord, percentWord, rateWord, timeWord } from './values.ts';

/** What tc writes behind the kind, and what it cannot say. */
export interface Words {
  readonly words: readonly string[];
  readonly remarks: readonly string[];
}

/**
 * A netem in the words of tc. tc leaves what it does not mention as it is, so that of `before`, the netem in
 * whose place it comes, everything that ends has to be said to be zero.
 */
export function netemWords(netem: Netem, before: Netem = neutralNetem): Words {
  const delay = delayWords(netem, before);
  const slot = slotWords(netem, before);
  return {
    words: [
      ...['limit', String(netem.limit)],
      ...delay.words,
      ...reorderWords(netem, before),
      ...lossWords(netem),
      ...duplicateWords(netem, before),
      ...rateWords(netem, before),
      ...slot.words,
      ...(netem.ecn ? ['ecn'] : []),
      ...(netem.seed === undefined ? [] : ['seed', String(netem.seed)]),
    ],
    remarks: [
      ...delay.remarks,
      ...slot.remarks,
      ...(before.ecn && !netem.ecn ? ['tc cannot end ecn without making the netem anew'] : []),
    ],
  };
}

function delayWords(netem: Netem, before: Netem): Words {
  const { latencyNs, jitterNs, correlation, delayDistribution: table } = netem;
  const had = Object.values(before.correlation).some((one) => one > 0);
  const isSaid = latencyNs > 0 || jitterNs > 0 || correlation.delay > 0 || had;
  const jitter = [delayWord(jitterNs)];
  const correlated = correlation.delay > 0 || had ? [percentWord(correlation.delay)] : [];
  const name = nameOf(table);
  const named = name && name !== 'uniform' ? ['distribution', name] : [];
  return {
    words: isSaid
      ? [
          ...['delay', delayWord(latencyNs)],
          ...(jitterNs > 0 || correlated.length > 0 ? jitter : []),
          ...correlated,
          ...named,
        ]
      : [],
    remarks:
      table && named.length === 0
        ? ['with a table that tc has no name for, which makes a uniform jitter of it again']
        : [],
  };
}

/** The name of a table that iproute2 has a file of; undefined where there is none, or another. */
function nameOf(table: Int16Array | undefined): Distribution | undefined {
  if (!table) return undefined;
  return Distribution.options.find((name) => {
    const known = netemDistribution(name);
    return known.length === table.length && known.every((value, index) => value === table[index]);
  });
}

function reorderWords({ gap, reorder }: Netem, before: Netem): string[] {
  if (gap === 0) return before.reorder.probability > 0 ? ['reorder', '0%'] : [];
  return [
    ...chance('reorder', reorder.probability, reorder.correlation),
    ...(gap === 1 ? [] : ['gap', String(gap)]),
  ];
}

function lossWords({ loss, correlation }: Netem): string[] {
  switch (loss.model) {
    case 'random':
      return loss.probability === 0 ? [] : chance('loss', loss.probability, correlation.loss);
    case 'gilbert-elliott':
      // The kernel's h is the chance to get through in the bad state, tc's argument that to be lost.
      return [
        ...['loss', 'gemodel'],
        ...[loss.p, loss.r, CERTAIN - loss.h, loss.k1].map(percentWord),
      ];
    case 'state':
      return [
        ...['loss', 'state'],
        ...[loss.p13, loss.p31, loss.p32, loss.p23, loss.p14].map(percentWord),
      ];
  }
}

/** tc sends the correlation of duplicates only beside another one: that of corruption, if it is none. */
function duplicateWords({ duplicate, correlation, corrupt }: Netem, before: Netem): string[] {
  const isCorrelated = duplicate > 0 && correlation.duplicate > 0;
  const hasCorruption = corrupt.probability > 0 || before.corrupt.probability > 0 || isCorrelated;
  return [
    ...(duplicate > 0 ? chance('duplicate', duplicate, correlation.duplicate) : []),
    ...(hasCorruption ? ['corrupt', percentWord(corrupt.probability)] : []),
    ...(hasCorruption && (corrupt.correlation > 0 || isCorrelated)
      ? [percentWord(corrupt.correlation)]
      : []),
  ];
}

function chance(word: string, probability: number, correlation: number): string[] {
  const correlated = correlation > 0 ? [percentWord(correlation)] : [];
  return [word, percentWord(probability), ...correlated];
}

function rateWords({ rate }: Netem, before: Netem): string[] {
  const { bytesPerSecond, packetOverhead, cellSize, cellOverhead } = rate;
  if (bytesPerSecond === 0) return before.rate.bytesPerSecond > 0 ? ['rate', '0bit'] : [];
  const extra = [packetOverhead, cellSize, cellOverhead];
  const last = extra.findLastIndex((value) => value !== 0);
  return ['rate', rateWord(bytesPerSecond), ...extra.slice(0, last + 1).map(String)];
}

function slotWords({ slot, slotDistribution }: Netem, before: Netem): Words {
  const { minDelayNs, maxDelayNs, distDelayNs, distJitterNs, maxPackets, maxBytes } = slot;
  const limits = [
    ...(maxPackets > 0 ? ['packets', String(maxPackets)] : []),
    ...(maxBytes > 0 ? ['bytes', String(maxBytes)] : []),
  ];
  const between = (min: number, max: number): string[] => [
    ...['slot', timeWord(min), timeWord(max)],
    ...limits,
  ];
  if (distDelayNs > 0 || distJitterNs > 0) {
    const name = nameOf(slotDistribution);
    // Two tables are too long for one message: the slots then come with theirs in the next one.
    if (name === undefined) return { words: [], remarks: ['its slots follow with their table'] };
    const times = [timeWord(distDelayNs), timeWord(distJitterNs)];
    if (name !== 'uniform') {
      return { words: ['slot', 'distribution', name, ...times, ...limits], remarks: [] };
    }
    return {
      words: between(Math.max(0, distDelayNs - distJitterNs), distDelayNs + distJitterNs),
      remarks: ['tc has no table for uniform slots: between two times is the same'],
    };
  }
  if (maxDelayNs > 0) return { words: between(minDelayNs, maxDelayNs), remarks: [] };
  const had = Object.values(before.slot).some((value) => value > 0);
  return { words: had ? ['slot', '0us'] : [], remarks: [] };
}
