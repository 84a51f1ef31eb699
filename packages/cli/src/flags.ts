import {
  DIRECTION_FLAGS,
  directionFromFlags,
  exactDirection,
  Impairment,
  NetweirError,
  readTc,
  TrafficRule,
  validate,
  writtenFlag,
} from '@netweir/api';
import { callersOf } from './callers.ts';
import type { DirectionOrTcFlags, ImpairmentFlags } from './impairment-options.ts';
import { printable } from './output/text.ts';
import type { Terminal } from './terminal.ts';
import { matchOf } from './traffic-flags.ts';

/**
 * The impairment that the flags of `set` ask for, checked by the schema of the API.
 *
 * @throws NetweirError `invalid-quantity`, `invalid-request` or `invalid-combination`
 */
export function impairmentOf(flags: ImpairmentFlags): Impairment {
  refuseBothWays(flags);
  if (flags.exclude) {
    throw new NetweirError('invalid-combination', '--exclude needs to be told of what traffic', {
      remedy: 'Add --to, --port or another flag that names part of the traffic.',
    });
  }
  const direction = directionIn(flags);
  if (direction === undefined) throw asksNothing();
  const impairment = validate(
    Impairment,
    { ...waysOf(flags, direction), ...choicesOf(flags) },
    'the impairment',
  );
  refuseContradictions(impairment);
  return impairment;
}

/**
 * The rule that the flags of `set` ask for; undefined where they name no part of the traffic.
 *
 * @throws NetweirError `invalid-quantity`, `invalid-request` or `invalid-combination`
 */
export function ruleOf(flags: ImpairmentFlags): TrafficRule | undefined {
  const match = matchOf(flags);
  if (!match) return undefined;
  refuseBothWays(flags);
  const direction = directionIn(flags);
  if (flags.exclude && direction !== undefined) {
    throw new NetweirError('invalid-combination', '--exclude goes with nothing that impairs', {
      remedy: 'Leave either out.',
    });
  }
  if (!flags.exclude && direction === undefined) throw asksNothing();
  const what = flags.exclude ? { exclude: true } : direction && waysOf(flags, direction);
  const rule = validate(TrafficRule, { match, ...what }, 'the rule');
  refuseContradictions(rule);
  return rule;
}

/** What `set` says of the whole impairment, beside its directions and rules. */
export function choicesOf({
  engine,
  for: lease,
  persist,
  replace,
  guard,
}: ImpairmentFlags): object {
  const callers = guard === 'off' ? [] : callersOf(process.env);
  return {
    ...(guard !== undefined && { guard }),
    ...(callers.length > 0 && { callers }),
    ...(engine !== undefined && { engine }),
    ...(lease !== undefined && { for: lease }),
    ...(persist && { persist: true }),
    ...(replace && { replace: true }),
  };
}

function waysOf(flags: ImpairmentFlags, direction: Record<string, unknown>): object {
  return {
    ...(!flags.ingress && { egress: direction }),
    ...((flags.ingress || flags.both) && { ingress: direction }),
  };
}

function refuseContradictions({ egress, ingress }: Pick<Impairment, 'egress' | 'ingress'>): void {
  for (const way of [egress, ingress]) if (way) exactDirection(way);
}

function asksNothing(): NetweirError {
  return new NetweirError('invalid-request', 'set needs to be told what to do', {
    remedy: 'Add a flag such as --delay 100ms; `netweir clear` takes everything off.',
  });
}

function refuseBothWays(flags: ImpairmentFlags): void {
  if (flags.ingress && flags.both) {
    throw new NetweirError('invalid-combination', '--ingress and --both exclude each other', {
      remedy: 'Leave one.',
    });
  }
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
