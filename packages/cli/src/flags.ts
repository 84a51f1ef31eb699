import { exactDirection, Impairment, NetweirError, validate } from '@netweir/api';
import type { ImpairmentFlags } from './impairment-options.ts';

/** Flags that say more about another one. */
const COMPANIONS: readonly (readonly [keyof ImpairmentFlags, ...(keyof ImpairmentFlags)[]])[] = [
  ['jitter', 'delay'],
  ['delayCorrelation', 'delay'],
  ['distribution', 'delay'],
  ['lossCorrelation', 'loss'],
  ['duplicateCorrelation', 'duplicate'],
  ['corruptCorrelation', 'corrupt'],
  ['reorderCorrelation', 'reorder'],
  ['reorderGap', 'reorder'],
  ['packetOverhead', 'rate'],
  ['cellSize', 'rate'],
  ['cellOverhead', 'rate'],
  ['slotPackets', 'slot', 'slotDistribution'],
  ['slotBytes', 'slot', 'slotDistribution'],
];

/** Flags of which only one can be meant. */
const ALTERNATIVES: readonly (readonly (keyof ImpairmentFlags)[])[] = [
  ['loss', 'lossGemodel', 'lossState'],
  ['slot', 'slotDistribution'],
  ['ingress', 'both'],
];

/**
 * The impairment that the flags of `set` ask for, checked by the schema of the API.
 *
 * @throws NetweirError `invalid-quantity`, `invalid-request` or `invalid-combination`
 */
export function impairmentOf(flags: ImpairmentFlags): Impairment {
  refuseMissingValues(flags);
  refuseCombinations(flags);
  const direction = present({
    delay: delayOf(flags),
    loss: lossOf(flags),
    duplicate: correlated(flags.duplicate, flags.duplicateCorrelation),
    corrupt: correlated(flags.corrupt, flags.corruptCorrelation),
    reorder: reorderOf(flags),
    rate: rateOf(flags),
    limitPackets: integer('limit', flags.limit),
    slot: slotOf(flags),
    ecn: flags.ecn,
    seed: flags.seed,
  });
  if (direction === undefined) {
    throw new NetweirError('invalid-request', 'set needs to be told what to do', {
      remedy: 'Add a flag such as --delay 100ms; `netweir clear` takes everything off.',
    });
  }
  const impairment = validate(
    Impairment,
    present({
      egress: flags.ingress ? undefined : direction,
      ingress: flags.ingress || flags.both ? direction : undefined,
      engine: flags.engine,
      for: flags.for,
    }),
    'the impairment',
  );
  for (const way of [impairment.egress, impairment.ingress]) if (way) exactDirection(way);
  return impairment;
}

function delayOf({ delay, jitter, delayCorrelation, distribution }: ImpairmentFlags): unknown {
  return present({ mean: delay, jitter, correlation: delayCorrelation, distribution });
}

function lossOf({ loss, lossCorrelation, lossGemodel, lossState }: ImpairmentFlags): unknown {
  if (lossGemodel !== undefined) {
    const names = ['p', 'r', 'lossInBad', 'lossInGood'];
    return { model: 'gilbert-elliott', ...list('lossGemodel', lossGemodel, names) };
  }
  if (lossState !== undefined) {
    const names = ['p13', 'p31', 'p32', 'p23', 'p14'];
    return { model: 'state', ...list('lossState', lossState, names) };
  }
  return loss === undefined ? undefined : { model: 'random', ...correlated(loss, lossCorrelation) };
}

function reorderOf({ reorder, reorderCorrelation, reorderGap }: ImpairmentFlags): unknown {
  return present({
    ...correlated(reorder, reorderCorrelation),
    gap: integer('reorderGap', reorderGap),
  });
}

function rateOf({ rate, packetOverhead, cellSize, cellOverhead }: ImpairmentFlags): unknown {
  return present({
    rate,
    packetOverheadBytes: integer('packetOverhead', packetOverhead),
    cellBytes: integer('cellSize', cellSize),
    cellOverheadBytes: integer('cellOverhead', cellOverhead),
  });
}

function slotOf({ slot, slotDistribution, slotPackets, slotBytes }: ImpairmentFlags): unknown {
  return present({
    ...(slot !== undefined && list('slot', slot, ['minDelay', 'maxDelay'])),
    ...(slotDistribution !== undefined &&
      list('slotDistribution', slotDistribution, ['distribution', 'delay', 'jitter'], 3)),
    maxPackets: integer('slotPackets', slotPackets),
    maxBytes: integer('slotBytes', slotBytes),
  });
}

function correlated(
  probability: string | undefined,
  correlation: string | undefined,
): Record<string, unknown> | undefined {
  return present({ probability, correlation });
}

/** The object without its undefined fields; undefined where nothing is left. */
function present(fields: Record<string, unknown>): Record<string, unknown> | undefined {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function list(
  flag: keyof ImpairmentFlags,
  text: string,
  names: readonly string[],
  least = 1,
): Record<string, string> {
  const parts = text.split(',').map((part) => part.trim());
  if (parts.length < least || parts.length > names.length) {
    const count = least === names.length ? String(least) : `${least} to ${names.length}`;
    throw new NetweirError(
      'invalid-request',
      `${written(flag)} takes ${count} values with commas between, and got ${parts.length}: "${text}"`,
      { remedy: 'See `netweir set --help`.' },
    );
  }
  return Object.fromEntries(parts.map((part, index) => [names[index] ?? '', part]));
}

function integer(flag: keyof ImpairmentFlags, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = /^-?\d+$/u.test(text.trim()) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new NetweirError('invalid-quantity', `${written(flag)} "${text}" is not a whole number`, {
    remedy: 'Write digits only, such as 1000.',
  });
}

/** Without this, `--delay --jitter 10ms` would read `--jitter` as a delay and `10ms` as a target. */
function refuseMissingValues(flags: ImpairmentFlags): void {
  for (const [flag, value] of Object.entries(flags)) {
    if (typeof value === 'string' && value.startsWith('--')) {
      throw new NetweirError('invalid-request', `${written(flag)} has no value`, {
        remedy: `Write a value between ${written(flag)} and ${value}.`,
      });
    }
  }
}

function refuseCombinations(flags: ImpairmentFlags): void {
  for (const [flag, ...needed] of COMPANIONS) {
    if (flags[flag] !== undefined && needed.every((other) => flags[other] === undefined)) {
      const others = needed.map(written).join(' or ');
      throw new NetweirError('invalid-combination', `${written(flag)} needs ${others}`, {
        remedy: `Add ${others}: set replaces everything that was there before.`,
      });
    }
  }
  for (const alternatives of ALTERNATIVES) {
    const given = alternatives.filter((flag) => flags[flag] !== undefined);
    if (given.length > 1) {
      throw new NetweirError(
        'invalid-combination',
        `${given.map(written).join(' and ')} exclude each other`,
        { remedy: 'Leave one.' },
      );
    }
  }
}

/** `lossGemodel` as it is written: `--loss-gemodel`. */
function written(flag: string): string {
  return `--${flag.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)}`;
}
