/**
 * The grid: what is set, and how it is measured. Every measurement returns figures
 * { figure, family, unit, expected, achieved, resolution }, with `resolution` the error that the sample's size alone
 * explains in 999 of 1,000 cases.
 */
import { setTimeout } from 'node:timers/promises';
import { iperf } from '../support/iperf.mjs';
import { FAMILIES } from '../support/wire.mjs';
import { halfInterval, line, median, shareInterval } from './statistics.mjs';

const FRAME_BYTES = 1514;
/** Data in a full frame: by UDP, and by TCP with timestamps. */
const DATA_BYTES = { udp: { v4: 1472, v6: 1452 }, tcp: { v4: 1448, v6: 1428 } };
/** Ethernet, IP and UDP. */
const HEADER_BYTES = { v4: 42, v6: 62 };
/** Of its 3 seconds, iperf3 may miss some milliseconds at either end. */
const IPERF_RESOLUTION_PERCENT = 0.3;
/** No delay is a multiple of their intervals, so that none arrives when the next is sent. */
const UNEVEN = { perSecond: 437.3, bytes: 64, count: 120, skipped: 20, idleMs: 100 };
const PING_SECONDS = 0.013;

const familyOf = (number) => FAMILIES[number % FAMILIES.length];

const inMs = (ns) => ns / 1e6;

/**
 * Delays beyond those of a run without impairment just before. A round measures all of them in new processes, which the
 * machine places as it likes: what rounds differ by is chance, whatever one round's size.
 */
export function delays(milliseconds, rounds) {
  return {
    feature: 'delay',
    rounds,
    async measure({ impair, clear, ...witnesses }) {
      clear();
      const plain = await delaysMs(witnesses);
      const figures = [];
      for (const ms of milliseconds) {
        impair({ delay: { mean: `${ms}ms` } });
        const impaired = await delaysMs(witnesses);
        for (const [index, { ms: achieved, ...figure }] of impaired.entries()) {
          const difference = achieved - plain[index].ms;
          figures.push({
            ...{ set: `${ms} ms`, ...figure, unit: 'ms', expected: ms, achieved: difference },
            resolution: 0,
          });
        }
      }
      return figures;
    },
  };
}

/** One way by the kernel's own time of arrival, and there and back, of which one way is impaired, by ping. */
async function delaysMs(witnesses) {
  const figures = [];
  for (const family of FAMILIES) {
    const ms = median(await streamMs(witnesses, family));
    figures.push({ figure: 'one way, median', family, ms });
    const pingedMs = await pingMs(witnesses.shells.near, witnesses.wire.address.far[family]);
    figures.push({ figure: 'ping', family, ms: pingedMs });
  }
  return figures;
}

/** The delays of datagrams, by the kernel's own time of arrival. */
function streamMs({ udpStream, shells: { from, to }, ends }, family, options = {}) {
  return udpStream.samplesMs({
    ...{ from, to, address: ends.to.address[family] },
    ...{ ...UNEVEN, ...options },
  });
}

/** The median of three means, each of nine answers, so that one answer that was held up does not decide. */
async function pingMs(shell, address) {
  const ping = `ping -n -q -i ${PING_SECONDS} -c 9 ${address}`;
  const output = await shell.run(`${ping} && ${ping} && ${ping}`);
  return median([...output.matchAll(/= [\d.]+\/([\d.]+)\//g)].map(([, mean]) => Number(mean)));
}

/** The samples themselves are what is compared, elsewhere. */
export function jitter(distribution, { packets = 2500 } = {}) {
  const [meanMs, jitterMs] = [50, 10];
  return {
    feature: 'distribution',
    set: distribution,
    meanMs,
    jitterMs,
    async measure({ impair, clear, ...witnesses }) {
      const samples = [];
      for (const family of FAMILIES) {
        clear();
        const plain = median(await streamMs(witnesses, family));
        impair({ delay: { mean: `${meanMs}ms`, jitter: `${jitterMs}ms`, distribution } });
        const count = packets / FAMILIES.length;
        const all = await streamMs(witnesses, family, { count, idleMs: 200 });
        samples.push(...all.map((ms) => ms - plain));
      }
      return [{ figure: 'samples', family: 'all', samples }];
    },
  };
}

/** A share of packets that something happens to; `count` tells of an answer how many. */
function share({ feature, set, direction, probability, figure, count, stream }) {
  return {
    feature,
    set,
    async measure({ datagrams, impair, rates }) {
      impair(direction);
      const perSecond = stream.perSecond ?? rates.dense;
      const result = await datagrams.stream({ ...stream, perSecond });
      return [
        {
          figure,
          family: 'all',
          unit: '%',
          expected: probability * 100,
          achieved: (count(result, stream.count) / stream.count) * 100,
          resolution: shareInterval(probability, stream.count) * 100,
        },
      ];
    },
  };
}

const missing = ({ numbers, unread }, sent) => sent - numbers.length - unread;

export function loss(percent, packets) {
  return share({
    feature: 'loss',
    set: `${percent}%`,
    figure: 'lost',
    direction: { loss: { model: 'random', probability: `${percent}%` } },
    probability: percent / 100,
    count: missing,
    stream: { count: packets, bytes: 64 },
  });
}

export function duplicate(percent, packets) {
  return share({
    feature: 'duplicate',
    set: `${percent}%`,
    figure: 'duplicated',
    direction: { duplicate: { probability: `${percent}%` } },
    probability: percent / 100,
    count: (result, sent) => -missing(result, sent),
    stream: { count: packets, bytes: 64 },
  });
}

/** An inverted bit breaks the checksum, so that the packet never arrives. */
export function corrupt(percent, packets) {
  return share({
    feature: 'corrupt',
    set: `${percent}%`,
    figure: 'broken',
    direction: { corrupt: { probability: `${percent}%` } },
    probability: percent / 100,
    count: missing,
    stream: { count: packets, bytes: 1000 },
  });
}

export function reorder(percent, gap, probability, packets) {
  const delayMs = 10;
  return share({
    feature: 'reorder',
    set: `${percent}%, gap ${gap}`,
    figure: 'jumped the delay',
    direction: {
      delay: { mean: `${delayMs}ms` },
      reorder: { probability: `${percent}%`, gap },
    },
    probability,
    count: ({ delaysNs }) => delaysNs.filter((ns) => inMs(ns) < delayMs * 0.75).length,
    stream: { count: packets, bytes: 64, perSecond: 1000, lastMs: delayMs },
  });
}

/** Bursts by Gilbert and Elliott's model, in whose bad state all is lost. */
export function bursts({ p, r }, packets) {
  return {
    feature: 'bursts',
    set: `p ${p}%, r ${r}%`,
    async measure({ datagrams, impair, rates }) {
      impair({ loss: { model: 'gilbert-elliott', p: `${p}%`, r: `${r}%` } });
      const perSecond = rates.dense;
      const stream = { count: packets, perSecond, bytes: 64 };
      let result = await datagrams.stream(stream);
      // What the receiver did not read looks like a burst.
      while (result.unread > 0) result = await datagrams.stream(stream);
      return burstFigures(
        { rate: p / (p + r), leave: r / 100, memory: 1 - (p + r) / 100 },
        result,
        packets,
      );
    },
  };
}

function burstFigures({ rate, leave, memory }, result, sent) {
  const lengths = gaps(result.numbers, sent);
  const lost = lengths.reduce((sum, length) => sum + length, 0);
  // Each packet's fate resembles the one before, so that as many packets tell less.
  const independent = (sent * (1 - memory)) / (1 + memory);
  return [
    {
      figure: 'lost',
      family: 'all',
      unit: '%',
      expected: rate * 100,
      achieved: (lost / sent) * 100,
      resolution: shareInterval(rate, independent) * 100,
    },
    {
      figure: 'mean length of a burst',
      family: 'all',
      unit: 'packets',
      expected: 1 / leave,
      achieved: lost / lengths.length,
      resolution: halfInterval(Math.sqrt(1 - leave) / leave, lengths.length),
    },
  ];
}

/** The lengths of the runs of numbers that are not there. */
function gaps(numbers, sent) {
  const there = new Uint8Array(sent + 1);
  for (const number of numbers) there[number] = 1;
  there[sent] = 1;
  const lengths = [];
  let length = 0;
  for (const one of there) {
    if (one === 0) length += 1;
    else if (length > 0) {
      lengths.push(length);
      length = 0;
    }
  }
  return lengths;
}

/** Rates that iperf3 is too coarse for: by when the datagrams of a long queue arrive. */
export function slowRate(kbit, { packets = 150 } = {}) {
  const bytes = 200;
  return {
    feature: 'rate',
    set: `${kbit} kbit/s`,
    async measure({ datagrams, impair }) {
      impair({ rate: { rate: `${kbit}kbit` } });
      const bits = (packets * 8 * (bytes + HEADER_BYTES.v6)) / 1e3;
      const lastMs = (bits / kbit) * 1000;
      const { numbers, arrivalsNs } = await datagrams.stream({
        ...{ count: packets, perSecond: packets, bytes },
        lastMs: Math.max(0, lastMs - 1000),
      });
      let sum = 0;
      const sums = numbers.map((number, index) => {
        if (index > 0) sum += (bytes + HEADER_BYTES[familyOf(number)]) * 8;
        return sum;
      });
      // Each arrival is seen when the process gets its turn: all of them together tell more than the first and last.
      const { slope, interval } = line(sums, arrivalsNs.map(inMs));
      const resolution = interval / slope ** 2;
      return [rateFigure('UDP', 'all', kbit, 'kbit/s', 1 / slope, resolution)];
    },
  };
}

export function rate(mbit, protocol) {
  return {
    feature: 'rate',
    set: `${mbit} Mbit/s`,
    async measure({ ends, impair, clear }) {
      const figures = [];
      for (const family of FAMILIES) {
        clear();
        impair({ rate: { rate: `${mbit}mbit` } });
        const data = DATA_BYTES[protocol][family];
        const udp = ['-u', '-b', `${mbit * 1.1}M`, '-l', `${data}`];
        const options = ['-t', '3', ...(protocol === 'udp' ? udp : ['-O', '1'])];
        const bitPerSec = await iperf({ ...ends, family, options });
        const achieved = (bitPerSec * FRAME_BYTES) / data / 1e6;
        const resolution = (mbit * IPERF_RESOLUTION_PERCENT) / 100;
        const name = `iperf3, ${protocol.toUpperCase()}`;
        figures.push(rateFigure(name, family, mbit, 'Mbit/s', achieved, resolution));
        await setTimeout(100);
      }
      return figures;
    },
  };
}

function rateFigure(figure, family, expected, unit, achieved, resolution) {
  return { figure, family, unit, expected, achieved, resolution };
}
