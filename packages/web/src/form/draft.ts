import type { Direction } from '@netweir/api';
import { FIELD_PATHS, FIELDS, type FieldPath, LOSS_FIELDS, SLOT_FIELDS } from './fields.ts';

/** What stands in the editor's fields; an empty text is a field that is not set. */
export type Draft = Readonly<Record<FieldPath, string>>;

export const EMPTY_DRAFT: Draft = {
  ...(Object.fromEntries(FIELD_PATHS.map((path) => [path, ''])) as Record<FieldPath, string>),
  'loss.model': 'random',
  'slot.mode': 'range',
};

/** The fields as they show a direction. */
export function draftOf(direction: Direction): Draft {
  const draft: Record<FieldPath, string> = { ...EMPTY_DRAFT };
  for (const path of FIELD_PATHS) {
    const value = valueAt(direction, path);
    if (value !== undefined && value !== false) draft[path] = String(value);
  }
  if (direction.slot && !('minDelay' in direction.slot)) draft['slot.mode'] = 'distribution';
  return draft;
}

/** The direction that the fields ask for, not yet checked: only what is set is in it. */
export function directionFrom(draft: Draft): Record<string, unknown> {
  const direction: Record<string, unknown> = {};
  for (const path of setPaths(draft)) {
    const [section = path, field] = path.split('.');
    const value = sentValue(path, draft[path]);
    if (field === undefined) direction[section] = value;
    else direction[section] = { ...(direction[section] as object | undefined), [field]: value };
  }
  if (direction.loss) direction.loss = { model: draft['loss.model'], ...direction.loss };
  return direction;
}

/** The fields that hold something and count under the chosen loss model and slot mode. */
export function setPaths(draft: Draft): readonly FieldPath[] {
  const counts = (path: FieldPath): boolean => {
    if (path.startsWith('loss.')) return LOSS_FIELDS[draft['loss.model']]?.includes(path) ?? false;
    if (path.startsWith('slot.')) return SLOT_FIELDS[draft['slot.mode']]?.includes(path) ?? false;
    return true;
  };
  return FIELD_PATHS.filter((path) => draft[path].trim() !== '' && counts(path));
}

/** The draft with every field of a section empty: `delay`, `loss`, … */
export function withoutSection(draft: Draft, section: string): Draft {
  const paths = FIELD_PATHS.filter((path) => path === section || path.startsWith(`${section}.`));
  return { ...draft, ...Object.fromEntries(paths.map((path) => [path, EMPTY_DRAFT[path]])) };
}

export function sameDraft(one: Draft, other: Draft): boolean {
  return JSON.stringify(directionFrom(one)) === JSON.stringify(directionFrom(other));
}

function valueAt(direction: Direction, path: FieldPath): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) => (value as Record<string, unknown> | undefined)?.[key],
      direction,
    );
}

/** A text that is no integer is sent as it is: the schema says what is wrong with it. */
function sentValue(path: FieldPath, text: string): unknown {
  if (path === 'ecn') return text === 'true';
  const trimmed = text.trim();
  if (FIELDS[path] === 'integer' && /^-?\d{1,15}$/u.test(trimmed)) return Number(trimmed);
  return trimmed;
}
