import {
  DIRECTION_FLAGS,
  directionFromFlags,
  exactDirection,
  Impairment,
  NetweirError,
  readTc,
  validate,
  writtenFlag,
} from '@netweir/api';
import type { DirectionOrTcFlags, ImpairmentFlags } from './impairment-options.ts';
import { printable } from './output/text.ts';
import type { Terminal } from './terminal.ts';

/**
 * The impairment that the flags of `set` ask for, checked by the schema of the API.
 *
 * @throws NetweirError `invalid-quantity`, `invalid-request` or `invalid-combination`
 */
export function impairmentOf(flags: ImpairmentFlags): Impairment {
  if (flags.ingress && flags.both) {
    throw new NetweirError('invalid-combination', '--ingress and --both exclude each other', {
      remedy: 'Leave one.',
    });
  }
  const direction = directionIn(flags);
  if (direction === undefined) {
    throw new NetweirError('invalid-request', 'set needs to be told what to do', {
      remedy: 'Add a flag such as --delay 100ms; `netweir clear` takes everything off.',
    });
  }
  const impairment = validate(
    Impairment,
    {
      ...(!flags.ingress && { egress: direction }),
      ...((flags.ingress || flags.both) && { ingress: direction }),
      ...(flags.engine !== undefined && { engine: flags.engine }),
      ...(flags.for !== undefined && { for: flags.for }),
      ...(flags.persist && { persist: true }),
      ...(flags.replace && { replace: true }),
    },
    'the impairment',
  );
  for (const way of [impairment.egress, impairment.ingress]) if (way) exactDirection(way);
  return impairment;
}

/**
 * The direction that flags ask for, for a schema to check; undefined where they ask for none.
 *
 * @throws NetweirError `invalid-quantity`, `invalid-request` or `invalid-combination`
 */
export function directionIn(flags: DirectionOrTcFlags): Record<string, unknown> | undefined {
  refuseMissingValues(flags);
  if (flags.tc === undefined) return directionFromFlags(flags, written);
  const beside = DIRECTION_FLAGS.filter((flag) => flags[flag] !== undefined).map(written);
  if (beside.length === 0) return readTc(flags.tc).direction;
  throw new NetweirError(
    'invalid-combination',
    `--tc and ${beside.join(', ')} exclude each other`,
    { remedy: 'Say all of it in one way.' },
  );
}

/** Says on stderr what of `--tc` netweir has no word for and leaves out. */
export function sayLeftOut(terminal: Terminal, { tc }: DirectionOrTcFlags): void {
  if (tc === undefined) return;
  for (const note of readTc(tc).notes) terminal.err(printable(`netweir: ${note}\n`));
}

/** Without this, `--delay --jitter 10ms` would read `--jitter` as a delay and `10ms` as a target. */
function refuseMissingValues(flags: object): void {
  for (const [flag, value] of Object.entries(flags)) {
    if (typeof value === 'string' && value.startsWith('--')) {
      throw new NetweirError('invalid-request', `${written(flag)} has no value`, {
        remedy: `Write a value between ${written(flag)} and ${value}.`,
      });
    }
  }
}

/** `lossGemodel` as it is written: `--loss-gemodel`. */
function written(flag: string): string {
  return `--${writtenFlag(flag)}`;
}
