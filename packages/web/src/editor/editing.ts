import { createContext, useContext } from 'react';
import type { FieldErrors } from '../form/check.ts';
import { type Draft, EMPTY_DRAFT } from '../form/draft.ts';
import type { FieldPath } from '../form/fields.ts';
import type { Offer } from '../form/offer.ts';

/** What the fields of the direction that is shown share. */
export interface Editing {
  readonly draft: Draft;
  readonly errors: FieldErrors;
  /** What the chosen engine can do in this direction. */
  readonly can: Offer['can'];
  readonly set: (path: FieldPath, text: string) => void;
  readonly empty: (section: string) => void;
}

export const EditingContext = createContext<Editing>({
  draft: EMPTY_DRAFT,
  errors: {},
  can: 'all',
  set: () => undefined,
  empty: () => undefined,
});

export function useEditing(): Editing {
  return useContext(EditingContext);
}
