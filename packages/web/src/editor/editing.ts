import { createContext, useContext } from 'react';
import type { Checked, FieldErrors } from '../form/check.ts';
import { type Draft, EMPTY_DRAFT } from '../form/draft.ts';
import type { FieldPath } from '../form/fields.ts';
import type { Offer } from '../form/offer.ts';

/** What the fields of one direction share. */
export interface Editing {
  readonly draft: Draft;
  readonly checked: Checked;
  readonly errors: FieldErrors;
  readonly offer: Offer;
  /** What the chosen engine can do in this direction. */
  readonly can: Offer['can'];
  readonly set: (path: FieldPath, text: string) => void;
  readonly empty: (section: string) => void;
  readonly copyToOther: () => void;
}

export const EditingContext = createContext<Editing>({
  draft: EMPTY_DRAFT,
  checked: { ok: true, direction: {}, untouched: true },
  errors: {},
  offer: { can: 'all' },
  can: 'all',
  set: () => undefined,
  empty: () => undefined,
  copyToOther: () => undefined,
});

export function useEditing(): Editing {
  return useContext(EditingContext);
}
