import type { Impairment } from '@netweir/api';
import type { AskedOf } from './asked.ts';

/** How long a change stays that nobody confirms: as with a display mode, long enough to see and to click. */
export const PROVISIONAL_MS = 30_000;

/** A change that ends by itself unless somebody confirms it. */
export interface Provisional {
  readonly until: Date;
  /** What is in force, and when that would end. */
  readonly impairment: Impairment;
  readonly expiresAt: Date | undefined;
  /** What comes back: undefined for the original. */
  readonly former: AskedOf | undefined;
}
