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

/** The flags that say which containers and interfaces a rule is for. */
export interface RuleFlags {
  readonly matchName?: string;
  readonly matchImage?: string;
  readonly matchNetwork?: string;
  readonly matchProject?: string;
  readonly matchService?: string;
  readonly matchPod?: string;
  readonly matchLabel?: readonly string[];
  readonly interface?: string;
}
