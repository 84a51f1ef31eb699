import {
  type Container,
  DIRECTION_FLAGS,
  type DirectionFlags,
  directionFromFlags,
  Impairment,
  isNetweirError,
  NetweirError,
  validate,
  writtenFlag,
} from '@netweir/api';
import { checkImpairment } from './check.ts';

const LABELS = ['netweir.egress', 'netweir.ingress', 'netweir.for', 'netweir.engine'] as const;
type Label = (typeof LABELS)[number];

/** Labels are data of strangers. */
const MAX_LABEL_BYTES = 1024;

const FLAG_OF: ReadonlyMap<string, keyof DirectionFlags> = new Map(
  DIRECTION_FLAGS.map((flag) => [writtenFlag(flag), flag]),
);

const REMEDY =
  'Write it as `netweir set` has it, such as netweir.egress="delay=100ms jitter=10ms loss=1%", or as the JSON of a direction.';

/**
 * What the labels of a container, the annotations or the labels of its pod (in this order) ask for;
 * undefined where they are not about netweir.
 *
 * @throws NetweirError for whatever is wrong with them
 */
export function impairmentOfLabels(
  container: Pick<Container, 'labels' | 'pod'>,
): Impairment | undefined {
  const text = new Map(LABELS.map((label) => [label, labelOf(container, label)]));
  if ([...text.values()].every((value) => value === undefined)) return undefined;
  const egress = text.get('netweir.egress');
  const ingress = text.get('netweir.ingress');
  if (egress === undefined && ingress === undefined) {
    throw wrong('netweir.for and netweir.engine need netweir.egress or netweir.ingress');
  }
  const asked = {
    egress: egress === undefined ? undefined : directionOfLabel('netweir.egress', egress),
    ingress: ingress === undefined ? undefined : directionOfLabel('netweir.ingress', ingress),
    for: text.get('netweir.for'),
    engine: text.get('netweir.engine'),
  };
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  const impairment = validate(Impairment, Object.fromEntries(given), 'what the labels ask for');
  checkImpairment(impairment);
  return impairment;
}

/** The texts of the labels that count, to tell whether they have changed. */
export function labelTexts(
  container: Pick<Container, 'labels' | 'pod'>,
): readonly (string | undefined)[] {
  return LABELS.map((label) => ownLabel(container, label));
}

function labelOf(container: Pick<Container, 'labels' | 'pod'>, label: Label): string | undefined {
  const text = ownLabel(container, label);
  if (text !== undefined && Buffer.byteLength(text) > MAX_LABEL_BYTES) {
    throw wrong(`the label ${label} is longer than ${MAX_LABEL_BYTES} bytes`);
  }
  return text;
}

function ownLabel(
  { labels, pod }: Pick<Container, 'labels' | 'pod'>,
  label: Label,
): string | undefined {
  const holder = [labels, pod?.annotations, pod?.labels].find(
    (one) => one && Object.hasOwn(one, label),
  );
  return holder?.[label];
}

function directionOfLabel(label: Label, text: string): unknown {
  const trimmed = text.trim();
  if (trimmed.startsWith('{')) return parseJson(label, trimmed);
  const direction = directionFromFlags(flagsOf(label, trimmed), (flag) => writtenFlag(flag));
  if (direction === undefined) throw wrong(`the label ${label} asks for nothing`);
  return direction;
}

function parseJson(label: Label, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw wrong(`the label ${label} begins with { and is no JSON`, cause);
  }
}

/** Of `loss-gemodel=1%,10% ecn`: a part without a key belongs to the value before it. */
function flagsOf(label: Label, text: string): DirectionFlags {
  const flags = new Map<keyof DirectionFlags, string>();
  let last: keyof DirectionFlags | undefined;
  for (const part of text.split(/[\s,]+/u).filter((one) => one !== '')) {
    const equals = part.indexOf('=');
    const key = equals < 0 ? part : part.slice(0, equals);
    const flag = FLAG_OF.get(key);
    if (flag === undefined && equals < 0 && last !== undefined) {
      flags.set(last, `${flags.get(last)},${part}`);
      continue;
    }
    if (flag === undefined) throw unknownKey(label, key);
    if (flags.has(flag)) throw wrong(`the label ${label} has ${key} twice`);
    flags.set(flag, valueIn(label, flag, part, equals));
    last = flag === 'ecn' ? undefined : flag;
  }
  const { ecn, ...texts } = Object.fromEntries(flags);
  return { ...texts, ...(ecn !== undefined && { ecn: true as const }) };
}

function valueIn(label: Label, flag: keyof DirectionFlags, part: string, equals: number): string {
  const value = equals < 0 ? '' : part.slice(equals + 1);
  if (flag !== 'ecn') {
    if (value === '') throw wrong(`the label ${label} gives ${writtenFlag(flag)} no value`);
    return value;
  }
  if (equals < 0 || value === 'true') return 'true';
  throw wrong(`the label ${label} gives ecn the value "${value}": write ecn alone`);
}

function unknownKey(label: Label, key: string): NetweirError {
  const known = [...FLAG_OF.keys()].join(', ');
  return new NetweirError('invalid-request', `the label ${label} has "${key}", which is no key`, {
    remedy: `The keys are: ${known}.`,
  });
}

function wrong(message: string, cause?: unknown): NetweirError {
  const options = isNetweirError(cause) || cause === undefined ? {} : { cause };
  return new NetweirError('invalid-request', message, { ...options, remedy: REMEDY });
}
