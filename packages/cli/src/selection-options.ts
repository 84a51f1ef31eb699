/** The flags that select containers, as they were written. */
export interface SelectionFlags {
  readonly label?: readonly string[];
  readonly image?: string;
  readonly network?: string;
  readonly project?: string;
}

/** The same with the place where to impair them. */
export interface PlaceFlags extends SelectionFlags {
  readonly at?: 'container' | 'host' | 'bridge';
}
