import { Direction, exactDirection, isNetweirError, isUntouched } from '@netweir/api';
import { type Draft, directionFrom, EMPTY_DRAFT, withoutSection } from './draft.ts';
import { FIELD_PATHS, FIELDS, type FieldPath } from './fields.ts';

export type FieldErrors = Readonly<Partial<Record<FieldPath, string>>>;

/** A draft as the contract judges it: a direction, or the message at each wrong field. */
export type Checked =
  | { readonly ok: true; readonly direction: Direction; readonly untouched: boolean }
  | { readonly ok: false; readonly errors: FieldErrors };

export function checkDraft(draft: Draft): Checked {
  const parsed = Direction.safeParse(directionFrom(draft));
  if (!parsed.success) return { ok: false, errors: errorsAt(parsed.error.issues, draft, []) };
  const contradiction = contradictionIn(parsed.data);
  if (contradiction) return { ok: false, errors: { [culprit(draft)]: contradiction } };
  return { ok: true, direction: parsed.data, untouched: isUntouched(parsed.data) };
}

type Issue = NonNullable<ReturnType<typeof Direction.safeParse>['error']>['issues'][number];

function errorsAt(
  issues: readonly Issue[],
  draft: Draft,
  under: readonly PropertyKey[],
): FieldErrors {
  const errors: Partial<Record<FieldPath, string>> = {};
  for (const issue of issues) {
    const path = [...under, ...issue.path];
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const branch = issue.errors[draft['slot.mode'] === 'distribution' ? 1 : 0] ?? [];
      Object.assign(errors, errorsAt(branch as Issue[], draft, path));
      continue;
    }
    const field = path.join('.') as FieldPath;
    if (field in FIELDS) errors[field] ??= messageOf(issue, field, draft);
  }
  return errors;
}

function messageOf(issue: Issue, field: FieldPath, draft: Draft): string {
  if (draft[field].trim() === '') return 'Needed, because other fields here are set.';
  if (FIELDS[field] === 'integer' && issue.code === 'invalid_type') return 'Write a whole number.';
  if (field === 'seed') return 'Write a whole number from 0 to 2^64 - 1.';
  return issue.message;
}

function contradictionIn(direction: Direction): string | undefined {
  try {
    exactDirection(direction);
    return undefined;
  } catch (error) {
    if (!isNetweirError(error)) throw error;
    return error.remedy ? `${error.message}. ${error.remedy}` : error.message;
  }
}

/** Sections whose mere presence can be the contradiction, by the field that switches them on. */
const SECTIONS: readonly (readonly [section: string, field: FieldPath])[] = [
  ['reorder', 'reorder.probability'],
  ['ecn', 'ecn'],
  ['slot', 'slot.maxDelay'],
];

/** The field without which the draft would be free of contradiction. */
function culprit(draft: Draft): FieldPath {
  const isMended = (other: Draft): boolean => {
    const parsed = Direction.safeParse(directionFrom(other));
    return parsed.success && contradictionIn(parsed.data) === undefined;
  };
  const single = FIELD_PATHS.find(
    (path) => draft[path] !== EMPTY_DRAFT[path] && isMended({ ...draft, [path]: '' }),
  );
  if (single) return single;
  return (
    SECTIONS.find(([section]) => isMended(withoutSection(draft, section)))?.[1] ?? 'delay.mean'
  );
}
