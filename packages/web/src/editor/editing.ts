import { createContext, useContext } from 'react';
import type { FieldErrors } from '../form/check.ts';
import { type Draft, EMPTY_DRAFT } from '../form/draft.ts';
import type { FieldPath } from '../form/fields.ts';

/** What the fields of the editor share. */
export interface Editing {
  readonly draft: Draft;
  readonly errors: FieldErrors;
  /** False: this kernel can only limit the rate. */
  readonly netem: boolean;
  readonly set: (path: FieldPath, text: string) => void;
  readonly empty: (section: string) => void;
}

export const EditingContext = createContext<Editing>({
  draft: EMPTY_DRAFT,
  errors: {},
  netem: true,
  set: () => undefined,
  empty: () => undefined,
});

export function useEditing(): Editing {
  return useContext(EditingContext);
}
