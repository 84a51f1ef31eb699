import { NetweirError } from '../errors/netweir-error.ts';

/** What a direction does, in the words of the command: its flags, each with the text that was given. */
export interface DirectionFlags {
  readonly delay?: string;
  readonly jitter?: string;
  readonly delayCorrelation?: string;
  readonly distribution?: string;
  readonly delayReorder?: string;
  readonly loss?: string;
  readonly lossCorrelation?: string;
  readonly lossGemodel?: string;
  readonly lossState?: string;
  readonly duplicate?: string;
  readonly duplicateCorrelation?: string;
  readonly corrupt?: string;
  readonly corruptCorrelation?: string;
  readonly reorder?: string;
  readonly reorderCorrelation?: string;
  readonly reorderGap?: string;
  readonly rate?: string;
  readonly packetOverhead?: string;
  readonly cellSize?: string;
  readonly cellOverhead?: string;
  readonly limit?: string;
  readonly slot?: string;
  readonly slotDistribution?: string;
  readonly slotPackets?: string;
  readonly slotBytes?: string;
  readonly ecn?: true;
  readonly seed?: string;
}

type Flag = keyof DirectionFlags;

const ALL: Readonly<Record<Flag, true>> = {
  delay: true,
  jitter: true,
  delayCorrelation: true,
  distribution: true,
  delayReorder: true,
  loss: true,
  lossCorrelation: true,
  lossGemodel: true,
  lossState: true,
  duplicate: true,
  duplicateCorrelation: true,
  corrupt: true,
  corruptCorrelation: true,
  reorder: true,
  reorderCorrelation: true,
  reorderGap: true,
  rate: true,
  packetOverhead: true,
  cellSize: true,
  cellOverhead: true,
  limit: true,
  slot: true,
  slotDistribution: true,
  slotPackets: true,
  slotBytes: true,
  ecn: true,
  seed: true,
};

/** All flags of a direction, in the order of the command's help. */
export const DIRECTION_FLAGS: readonly Flag[] = Object.keys(ALL) as Flag[];

/** Flags that say more about another one. */
const COMPANIONS: readonly (readonly [Flag, ...Flag[]])[] = [
  ['jitter', 'delay'],
  ['delayCorrelation', 'delay'],
  ['distribution', 'delay'],
  ['delayReorder', 'delay'],
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
const ALTERNATIVES: readonly (readonly Flag[])[] = [
  ['loss', 'lossGemodel', 'lossState'],
  ['slot', 'slotDistribution'],
];

/**
 * The direction that flags ask for, undefined where they ask for nothing. Their values are for the
 * schema to check; `written` is how a flag is shown in errors.
 *
 * @throws NetweirError `invalid-quantity`, `invalid-request` or `invalid-combination`
 */
export function directionFromFlags(
  flags: DirectionFlags,
  written: (flag: string) => string,
): Record<string, unknown> | undefined {
  refuseCombinations(flags, written);
  const read = new FlagReader(flags, written);
  return present({
    delay: present({
      mean: flags.delay,
      jitter: flags.jitter,
      correlation: flags.delayCorrelation,
      distribution: flags.distribution,
      reorder: flags.delayReorder,
    }),
    loss: lossOf(flags, read),
    duplicate: correlated(flags.duplicate, flags.duplicateCorrelation),
    corrupt: correlated(flags.corrupt, flags.corruptCorrelation),
    reorder: present({
      ...correlated(flags.reorder, flags.reorderCorrelation),
      gap: read.integer('reorderGap'),
    }),
    rate: present({
      rate: flags.rate,
      packetOverheadBytes: read.integer('packetOverhead'),
      cellBytes: read.integer('cellSize'),
      cellOverheadBytes: read.integer('cellOverhead'),
    }),
    limitPackets: read.integer('limit'),
    slot: present({
      ...read.list('slot', ['minDelay', 'maxDelay']),
      ...read.list('slotDistribution', ['distribution', 'delay', 'jitter'], 3),
      maxPackets: read.integer('slotPackets'),
      maxBytes: read.integer('slotBytes'),
    }),
    ecn: flags.ecn,
    seed: flags.seed,
  });
}

/** `lossGemodel` as it is written, but for the dashes before it: `loss-gemodel`. */
export function writtenFlag(flag: string): string {
  return flag.replace(/[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`);
}

function lossOf(flags: DirectionFlags, read: FlagReader): unknown {
  const gemodel = read.list('lossGemodel', ['p', 'r', 'lossInBad', 'lossInGood']);
  if (gemodel) return { model: 'gilbert-elliott', ...gemodel };
  const state = read.list('lossState', ['p13', 'p31', 'p32', 'p23', 'p14']);
  if (state) return { model: 'state', ...state };
  const random = correlated(flags.loss, flags.lossCorrelation);
  return random && { model: 'random', ...random };
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

/** Reads flags that are more than one text. */
class FlagReader {
  readonly #flags: DirectionFlags;
  readonly #written: (flag: string) => string;

  constructor(flags: DirectionFlags, written: (flag: string) => string) {
    this.#flags = flags;
    this.#written = written;
  }

  list(
    flag: Exclude<Flag, 'ecn'>,
    names: readonly string[],
    least = 1,
  ): Record<string, string> | undefined {
    const text = this.#flags[flag];
    if (text === undefined) return undefined;
    const parts = text.split(',').map((part) => part.trim());
    if (parts.length >= least && parts.length <= names.length) {
      return Object.fromEntries(parts.map((part, index) => [names[index] ?? '', part]));
    }
    const count = least === names.length ? String(least) : `${least} to ${names.length}`;
    throw new NetweirError(
      'invalid-request',
      `${this.#written(flag)} takes ${count} values with commas between, and got ${parts.length}: "${text}"`,
      { remedy: 'See `netweir set --help`.' },
    );
  }

  integer(flag: Exclude<Flag, 'ecn'>): number | undefined {
    const text = this.#flags[flag];
    if (text === undefined) return undefined;
    const value = /^-?\d+$/u.test(text.trim()) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value)) return value;
    throw new NetweirError(
      'invalid-quantity',
      `${this.#written(flag)} "${text}" is not a whole number`,
      { remedy: 'Write digits only, such as 1000.' },
    );
  }
}

function refuseCombinations(flags: DirectionFlags, written: (flag: string) => string): void {
  for (const [flag, ...needed] of COMPANIONS) {
    if (flags[flag] !== undefined && needed.every((other) => flags[other] === undefined)) {
      const others = needed.map(written).join(' or ');
      throw new NetweirError('invalid-combination', `${written(flag)} needs ${others}`, {
        remedy: `Add ${others}: what is set replaces everything that was there before.`,
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
